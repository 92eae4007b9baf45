using System.Collections.Frozen;

namespace MailServer.Web.Pages;

/// <summary>The names of form fields with a special meaning.</summary>
public static class FormFields
{
    /// <summary>The token that ties a form to the session (CSRF) and makes it unique, so that it takes effect once.</summary>
    public const string Token = "token";

    /// <summary>The page, with its query, that showed the form.</summary>
    public const string From = "from";

    /// <summary>The user's current password, which some actions require.</summary>
    public const string CurrentPassword = "current";

    /// <summary>The name of an object, typed to confirm its removal.</summary>
    public const string Typed = "typed";

    /// <summary>A form that was posted after its session had ended, as the sign-in form carries it (<see cref="KeptForm"/>).</summary>
    public const string Kept = "kept";

    /// <summary>The page to return to after sign-in.</summary>
    public const string To = "to";

    private static readonly FrozenSet<string> Secrets = FrozenSet.Create(StringComparer.Ordinal, CurrentPassword, "password", "new", "again", "code");
    private static readonly FrozenSet<string> Internals = FrozenSet.Create(StringComparer.Ordinal, Token, From, Kept, To);

    /// <summary>True for a password or code. Its value is never sent back. The form components refuse a password field that is not listed here.</summary>
    public static bool IsSecret(string name) => Secrets.Contains(name);

    /// <summary>True for a field that a rejected form keeps.</summary>
    public static bool IsKept(string name) => !Secrets.Contains(name) && !Internals.Contains(name);
}
