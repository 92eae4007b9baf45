namespace MailServer.Domain.Accounts;

/// <summary>Why the directory did not do what it was asked.</summary>
public enum DirectoryRefusal
{
    DomainUnknown,
    DomainExists,
    DomainHasAccounts,
    AccountUnknown,
    AccountExists,
    AliasUnknown,
    AliasExists,
    AliasOfItself,
    AddressIsAlias,
    AddressIsAccount,
    AppPasswordExists,
    AppPasswordUnknown,
    TooManyAppPasswords,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseUnusable,
    DatabaseBusy,
}

/// <summary>A refusal of the directory, with a sentence for the administrator.</summary>
public sealed class DirectoryException(DirectoryRefusal refusal, string subject, Exception? inner = null)
    : Exception(Describe(refusal, subject), inner)
{
    public DirectoryRefusal Refusal { get; } = refusal;

    /// <summary>The domain, address or file that it is about.</summary>
    public string Subject { get; } = subject;

    /// <summary>The directory itself cannot be asked now; the question was all right.</summary>
    public bool IsTemporary => Refusal is DirectoryRefusal.DatabaseUnusable or DirectoryRefusal.DatabaseBusy;

    private static string Describe(DirectoryRefusal refusal, string subject) => refusal switch
    {
        DirectoryRefusal.DomainUnknown => $"the domain '{subject}' is not hosted here",
        DirectoryRefusal.DomainExists => $"the domain '{subject}' is already hosted here",
        DirectoryRefusal.DomainHasAccounts => $"the domain '{subject}' still has accounts",
        DirectoryRefusal.AccountUnknown => $"no user '{subject}'",
        DirectoryRefusal.AccountExists => $"the account '{subject}' already exists",
        DirectoryRefusal.AliasUnknown => $"no alias '{subject}'",
        DirectoryRefusal.AliasExists => $"the alias '{subject}' already leads there",
        DirectoryRefusal.AliasOfItself => $"the alias '{subject}' cannot lead to itself",
        DirectoryRefusal.AddressIsAlias => $"'{subject}' is an alias",
        DirectoryRefusal.AddressIsAccount => $"'{subject}' is an account",
        DirectoryRefusal.AppPasswordExists => $"there is already an app password '{subject}'",
        DirectoryRefusal.AppPasswordUnknown => $"no app password '{subject}'",
        DirectoryRefusal.TooManyAppPasswords => $"'{subject}' has as many app passwords as an account may have",
        DirectoryRefusal.DatabaseMissing => $"there is no database at '{subject}'",
        DirectoryRefusal.DatabaseNewer => $"the database '{subject}' was written by a newer version of this program",
        DirectoryRefusal.DatabaseUnusable => $"the database '{subject}' cannot be used",
        DirectoryRefusal.DatabaseBusy => $"the database '{subject}' is locked by another program",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };
}
