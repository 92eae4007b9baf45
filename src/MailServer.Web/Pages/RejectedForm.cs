using Microsoft.Extensions.Primitives;

namespace MailServer.Web.Pages;

/// <summary>
/// A form that did not take effect. Its page is rendered again with the values (never passwords or codes) and the errors. The form components find their values
/// here (<c>PageForm</c>).
/// </summary>
public sealed class RejectedForm
{
    /// <summary>The id of the message about a whole form.</summary>
    public const string FormErrorId = "error-form";

    private readonly Dictionary<string, StringValues> _values;
    private readonly HashSet<string> _shown = new(StringComparer.Ordinal);

    /// <param name="action">The path to which the form was posted.</param>
    /// <param name="values">The fields. Secrets are dropped.</param>
    /// <param name="errors">The errors; none if the form is only shown again to be sent once more.</param>
    public RejectedForm(string action, IEnumerable<KeyValuePair<string, StringValues>> values, IReadOnlyList<FieldError> errors)
    {
        Action = action;
        Errors = errors;
        _values = values.Where(static v => FormFields.IsKept(v.Key)).ToDictionary(StringComparer.Ordinal);
    }

    public string Action { get; }

    public IReadOnlyList<FieldError> Errors { get; }

    /// <summary>Called during rendering when a part of the form has been rendered, so that the list of errors above it can link to it.</summary>
    public Action? OnShown { get; set; }

    public static string IdOf(string field) => "field-" + field;

    public static string ErrorIdOf(string field) => "error-" + field;

    /// <summary>True if this is the form with these hidden values; a page can have several forms with the same action.</summary>
    public bool Is(string action, IEnumerable<(string Name, string Value)> hidden) => action == Action && hidden.All(h => _values.GetValueOrDefault(h.Name).ToString() == h.Value);

    /// <summary>The posted values of a field; null if it is not kept.</summary>
    public IReadOnlyList<string?>? ValuesOf(string field) => FormFields.IsKept(field) ? _values.GetValueOrDefault(field).ToArray() : null;

    /// <summary>The message about a field; null if it has none.</summary>
    public string? ErrorOf(string field) => Errors.FirstOrDefault(e => e.Field == field)?.Text;

    /// <summary>The messages about no particular field.</summary>
    public IEnumerable<string> FormErrors => Errors.Where(static e => e.Field is null).Select(static e => e.Text);

    /// <summary>True if the focus belongs on this field: it has the first error.</summary>
    public bool IsFirst(string field) => Errors.Count > 0 && Errors[0].Field == field;

    /// <summary>Called by a component that has rendered the error with this id.</summary>
    public void MarkShown(string id)
    {
        if (_shown.Add(id)) OnShown?.Invoke();
    }

    /// <summary>The id of the element to which an error links; null if the page does not show it.</summary>
    public string? TargetOf(FieldError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var id = error.Field is { } field ? IdOf(field) : FormErrorId;
        return _shown.Contains(id) ? id : null;
    }
}
