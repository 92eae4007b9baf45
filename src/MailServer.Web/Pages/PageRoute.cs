namespace MailServer.Web.Pages;

/// <summary>The users that may open a page.</summary>
public enum PageAudience
{
    Anyone,
    SignedIn,

    /// <summary>Administrators only; everyone else gets 404.</summary>
    Administrators,
}

/// <summary>The route of a page or action.</summary>
/// <param name="IsChange">True for POST, false for GET.</param>
/// <param name="Path">The exact path.</param>
/// <param name="Audience">The allowed users.</param>
/// <param name="Handler">Handles the request.</param>
public sealed record PageRoute(bool IsChange, string Path, PageAudience Audience, Func<PageRequest, Task<PageResult>> Handler)
{
    /// <summary>The path to which an action redirects, unless it sets another one. A rejected form is shown again on the page that it came from, or on this one.</summary>
    public string ReturnPath { get; init; } = "/";

    /// <summary>Computes the path from the form, instead of <see cref="ReturnPath"/>; null to use <see cref="ReturnPath"/>.</summary>
    public Func<PageRequest, string>? ReturnPathSelector { get; init; }

    /// <summary>
    /// True if the action requires the user's current password in the field <see cref="FormFields.CurrentPassword"/>. It is required for changes to credentials, so that an
    /// unattended browser is not sufficient.
    /// </summary>
    public bool RequiresPassword { get; init; }

    /// <summary>True if the form has a file, so it may be larger than others.</summary>
    public bool HasFile { get; init; }

    /// <summary>The form field that a refusal is about when it names none itself; null if it is about the whole form.</summary>
    public string? Subject { get; init; }

    /// <summary>The question that is asked first, on a page of its own; null if none.</summary>
    public PageConfirmation? Confirmation { get; init; }

    /// <summary>Requires the current password.</summary>
    public PageRoute WithPassword() => this with { RequiresPassword = true };

    public PageRoute About(string field) => this with { Subject = field };

    /// <summary>Asks on a page of its own before the action happens.</summary>
    /// <param name="button">The text of the button.</param>
    /// <param name="keys">The fields that identify the object.</param>
    /// <param name="title">The title of the page, a question.</param>
    /// <param name="consequence">What will happen.</param>
    /// <param name="typed">The text that the user must type; null if none.</param>
    public PageRoute Confirmed(string button, string[] keys, Func<PageRequest, string> title, Func<PageRequest, string> consequence, Func<PageRequest, string>? typed = null) =>
        this with { Confirmation = new PageConfirmation(button, keys, title, consequence) { Typed = typed } };

    public static PageRoute Get(string path, PageAudience audience, Func<PageRequest, Task<PageResult>> answer) => new(false, path, audience, answer);

    public static PageRoute Post(string path, PageAudience audience, Func<PageRequest, Task<PageResult>> answer, string from) => new(true, path, audience, answer) { ReturnPath = from };
}
