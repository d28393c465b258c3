//! JSON values to Python objects and back.

use cloister_core::audit::Members;
use cloister_core::{Error, Kind};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Map, Number, Value};

use crate::exceptions::exception;

/// Nesting beyond which a value is refused.
const MAX_DEPTH: usize = 64;

/// `None`, `bool`, `int`, `float`, `str`, sequences and mappings with `str` keys.
pub(crate) fn from_python(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    value_of(object, 0)
}

/// A mapping with `str` keys; `None` is an empty one.
pub(crate) fn members(object: Option<&Bound<'_, PyAny>>) -> PyResult<Map<String, Value>> {
    match object.map(from_python).transpose()? {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(PyTypeError::new_err("expected a mapping with str keys")),
    }
}

/// The same members as text, if they are what most are: `dict`, `list`, `str`, `bool`, `int`, `float` and `None` themselves and
/// no subclasses, which may run code of the caller. Nothing otherwise, and for a value without a JSON form.
pub(crate) fn text_of_members(object: &Bound<'_, PyAny>) -> Option<Members> {
    let mut members = Members::new();
    write_members(object.cast_exact::<PyDict>().ok()?, &mut members, 1)?;
    Some(members)
}

fn write_members(dict: &Bound<'_, PyDict>, out: &mut Members, depth: usize) -> Option<()> {
    for (name, value) in dict {
        out.name(name.cast_exact::<PyString>().ok()?.to_str().ok()?);
        write_value(&value, out, depth)?;
    }
    Some(())
}

fn write_value(object: &Bound<'_, PyAny>, out: &mut Members, depth: usize) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Ok(text) = object.cast_exact::<PyString>() {
        out.text(text.to_str().ok()?);
    } else if object.is_exact_instance_of::<PyInt>() {
        out.number(&whole(object).ok()?);
    } else if let Ok(flag) = object.cast::<PyBool>() {
        out.boolean(flag.is_true());
    } else if let Ok(dict) = object.cast_exact::<PyDict>() {
        out.begin_object();
        write_members(dict, out, depth + 1)?;
        out.end_object();
    } else if object.is_none() {
        out.null();
    } else if object.is_exact_instance_of::<PyFloat>() {
        out.number(&Number::from_f64(object.extract().ok()?)?);
    } else if let Ok(list) = object.cast_exact::<PyList>() {
        out.begin_array();
        for item in list {
            write_value(&item, out, depth + 1)?;
        }
        out.end_array();
    } else {
        return None;
    }
    Some(())
}

fn whole(object: &Bound<'_, PyAny>) -> PyResult<Number> {
    object
        .extract::<i64>()
        .map(Number::from)
        .or_else(|_| object.extract::<u64>().map(Number::from))
}

/// Any iterable of values.
pub(crate) fn list_of(object: &Bound<'_, PyAny>) -> PyResult<Vec<Value>> {
    object.try_iter()?.map(|item| from_python(&item?)).collect()
}

fn value_of(object: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > MAX_DEPTH {
        let error = Error::new(
            Kind::InvalidArgument,
            "the value is nested more than 64 deep",
        );
        return Err(exception(object.py(), &error));
    }
    // The most frequent first; a `bool` is an `int` as well.
    if let Ok(text) = object.cast::<PyString>() {
        Ok(Value::String(text.to_str()?.to_owned()))
    } else if let Ok(flag) = object.cast::<PyBool>() {
        Ok(Value::Bool(flag.is_true()))
    } else if object.is_instance_of::<PyInt>() {
        whole(object).map(Value::Number).map_err(|_| unfit(object))
    } else if object.is_none() {
        Ok(Value::Null)
    } else if object.is_instance_of::<PyFloat>() {
        Number::from_f64(object.extract()?)
            .map(Value::Number)
            .ok_or_else(|| unfit(object))
    } else if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        object
            .try_iter()?
            .map(|item| value_of(&item?, depth + 1))
            .collect::<PyResult<_>>()
            .map(Value::Array)
    } else if let Ok(mapping) = object.cast::<PyMapping>() {
        let mut members = Map::new();
        for pair in mapping.items()?.iter() {
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = pair.extract()?;
            members.insert(name_of(&key)?, value_of(&value, depth + 1)?);
        }
        Ok(Value::Object(members))
    } else {
        Err(unfit(object))
    }
}

fn name_of(key: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(key.cast::<PyString>()?.to_str()?.to_owned())
}

fn unfit(object: &Bound<'_, PyAny>) -> PyErr {
    match object.get_type().name() {
        Ok(name) => PyTypeError::new_err(format!("a {name} of this value has no JSON form")),
        Err(error) => error,
    }
}

/// The same value as Python objects.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(flag) => flag.into_bound_py_any(py),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => integer.into_bound_py_any(py),
            (None, Some(integer)) => integer.into_bound_py_any(py),
            (None, None) => number.as_f64().into_bound_py_any(py),
        },
        Value::String(text) => text.into_bound_py_any(py),
        Value::Array(items) => {
            let list = PyList::empty(py);
            for item in items {
                list.append(to_python(py, item)?)?;
            }
            Ok(list.into_any())
        }
        Value::Object(members) => {
            let dict = PyDict::new(py);
            for (key, member) in members {
                dict.set_item(key, to_python(py, member)?)?;
            }
            Ok(dict.into_any())
        }
    }
}
