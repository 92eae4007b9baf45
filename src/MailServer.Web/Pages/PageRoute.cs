namespace MailServer.Web.Pages;

/// <summary>Who may ask for a page.</summary>
public enum PageAudience
{
    Anybody,
    SignedIn,

    /// <summary>For others there is no such page.</summary>
    Administrators,
}

/// <summary>A page or an action, by method and path.</summary>
/// <param name="IsChange">POST; else GET.</param>
/// <param name="Path">Exactly.</param>
/// <param name="Audience">Who may.</param>
/// <param name="Answer">What it does.</param>
public sealed record PageRoute(bool IsChange, string Path, PageAudience Audience, Func<PageRequest, Task<PageAnswer>> Answer)
{
    /// <summary>Where a refused form leads back to, unless the action says otherwise.</summary>
    public string From { get; init; } = "/";

    /// <summary>
    /// The action needs the password of whoever is signed in, in the field <c>current</c>: it changes what opens an account, which a browser that was
    /// left open must not be enough for.
    /// </summary>
    public bool AsksPassword { get; init; }

    /// <summary>This action asks for the password first; <paramref name="from"/> is the page that a refused form leads back to, if the form decides it.</summary>
    public PageRoute WithPassword(Func<PageRequest, string>? from = null) => this with { AsksPassword = true, FromOf = from };

    /// <summary>Overrules <see cref="From"/>; null: nothing does.</summary>
    public Func<PageRequest, string>? FromOf { get; init; }

    public static PageRoute Get(string path, PageAudience audience, Func<PageRequest, Task<PageAnswer>> answer) => new(false, path, audience, answer);

    public static PageRoute Post(string path, PageAudience audience, Func<PageRequest, Task<PageAnswer>> answer, string from) => new(true, path, audience, answer) { From = from };
}
