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
    /// <summary>The path to which a rejected form redirects, unless the action sets another one.</summary>
    public string ReturnPath { get; init; } = "/";

    /// <summary>
    /// True if the action requires the user's current password in the field <c>current</c>. It is required for changes to credentials, so that an unattended
    /// browser is not sufficient.
    /// </summary>
    public bool RequiresPassword { get; init; }

    /// <summary>True if the form has a file, so it may be larger than others.</summary>
    public bool HasFile { get; init; }

    /// <summary>Requires the current password. <paramref name="from"/> computes the path to which a rejected form redirects, if it depends on the form.</summary>
    public PageRoute WithPassword(Func<PageRequest, string>? from = null) => this with { RequiresPassword = true, ReturnPathSelector = from };

    /// <summary>Computes the redirect path instead of <see cref="ReturnPath"/>; null to use <see cref="ReturnPath"/>.</summary>
    public Func<PageRequest, string>? ReturnPathSelector { get; init; }

    public static PageRoute Get(string path, PageAudience audience, Func<PageRequest, Task<PageResult>> answer) => new(false, path, audience, answer);

    public static PageRoute Post(string path, PageAudience audience, Func<PageRequest, Task<PageResult>> answer, string from) => new(true, path, audience, answer) { ReturnPath = from };
}
