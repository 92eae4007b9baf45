namespace MailServer.Domain.Access;

/// <summary>What a sign-in is for, and what an app password opens.</summary>
[Flags]
public enum AccessScope
{
    None = 0,

    /// <summary>Reading mail: IMAP.</summary>
    Mail = 1,

    /// <summary>Sending mail: submission.</summary>
    Submit = 2,

    /// <summary>Calendars, contacts and files.</summary>
    Dav = 4,

    /// <summary>The account's own page; never opened by an app password.</summary>
    Web = 8,

    /// <summary>All that a device may need.</summary>
    Device = Mail | Submit | Dav,
}

/// <summary>The names of scopes, as they are typed and stored.</summary>
public static class AccessScopes
{
    private static readonly (AccessScope Scope, string Name)[] s_names = [(AccessScope.Mail, "mail"), (AccessScope.Submit, "submit"), (AccessScope.Dav, "dav")];

    public static string[] NamesOf(AccessScope scope) => [.. s_names.Where(n => scope.HasFlag(n.Scope)).Select(static n => n.Name)];

    public static bool TryParse(string name, out AccessScope scope)
    {
        scope = s_names.FirstOrDefault(n => n.Name == name).Scope;
        return scope != AccessScope.None;
    }
}
