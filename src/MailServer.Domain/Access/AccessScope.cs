namespace MailServer.Domain.Access;

/// <summary>The services that a sign-in requests or that an app password grants.</summary>
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

    /// <summary>The account's own web page; app passwords never grant it.</summary>
    Web = 8,

    /// <summary>Everything that a mail or calendar client may need.</summary>
    Device = Mail | Submit | Dav,
}

/// <summary>Converts scopes to and from the names used in the command line and in storage.</summary>
public static class AccessScopes
{
    private static readonly (AccessScope Scope, string Name)[] Names = [(AccessScope.Mail, "mail"), (AccessScope.Submit, "submit"), (AccessScope.Dav, "dav")];

    public static string[] NamesOf(AccessScope scope) => [.. Names.Where(n => scope.HasFlag(n.Scope)).Select(static n => n.Name)];

    public static bool TryParse(string name, out AccessScope scope)
    {
        scope = Names.FirstOrDefault(n => n.Name == name).Scope;
        return scope != AccessScope.None;
    }
}
