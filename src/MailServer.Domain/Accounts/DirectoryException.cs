namespace MailServer.Domain.Accounts;

/// <summary>The reasons for which the directory rejects an operation.</summary>
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
    AliasTargetUnknown,
    AliasTargetIsLast,
    AddressIsAlias,
    AddressIsAccount,
    AppPasswordExists,
    AppPasswordUnknown,
    TooManyAppPasswords,
    InvitationUnknown,
    AliasPatternInvalid,
    TooManyPatterns,
    DomainHasAddresses,
    DomainHasNames,
    DomainIsAlias,
    DomainAliasLoop,
    ListUnknown,
    ListAddressInvalid,
    ListOfItself,
    ListMemberUnknown,
    TooManyMembers,
    AddressIsList,
    AccountIsShared,
    DatabaseMissing,
    DatabaseNewer,
    DatabaseUnusable,
    DatabaseBusy,
}

/// <summary>An operation that the directory rejected, with a message for administrators.</summary>
public sealed class DirectoryException(DirectoryRefusal refusal, string subject, Exception? inner = null)
    : Exception(Describe(refusal, subject), inner)
{
    public DirectoryRefusal Refusal { get; } = refusal;

    /// <summary>The domain, address or file concerned.</summary>
    public string Subject { get; } = subject;

    /// <summary>True if the directory is temporarily unavailable; the operation itself may be valid.</summary>
    public bool IsTemporary => Refusal is DirectoryRefusal.DatabaseUnusable or DirectoryRefusal.DatabaseBusy;

    private static string Describe(DirectoryRefusal refusal, string subject) => refusal switch
    {
        DirectoryRefusal.DomainUnknown => $"the domain '{subject}' is not hosted here",
        DirectoryRefusal.DomainExists => $"the domain '{subject}' is already hosted here",
        DirectoryRefusal.DomainHasAccounts => $"the domain '{subject}' still has accounts",
        DirectoryRefusal.AccountUnknown => $"no user '{subject}'",
        DirectoryRefusal.AccountExists => $"the account '{subject}' already exists",
        DirectoryRefusal.AliasUnknown => $"no alias '{subject}'",
        DirectoryRefusal.AliasExists => $"the alias '{subject}' already has this target",
        DirectoryRefusal.AliasOfItself => $"the alias '{subject}' cannot be its own target",
        DirectoryRefusal.AliasTargetUnknown => $"the alias '{subject}' does not have this target",
        DirectoryRefusal.AliasTargetIsLast => $"the alias '{subject}' has no other target; remove the alias, or disable it",
        DirectoryRefusal.AddressIsAlias => $"'{subject}' is an alias",
        DirectoryRefusal.AddressIsAccount => $"'{subject}' is an account",
        DirectoryRefusal.AppPasswordExists => $"there is already an app password '{subject}'",
        DirectoryRefusal.AppPasswordUnknown => $"no app password '{subject}'",
        DirectoryRefusal.TooManyAppPasswords => $"'{subject}' has the maximum number of app passwords",
        DirectoryRefusal.InvitationUnknown => $"there is no invitation of '{subject}'",
        DirectoryRefusal.AliasPatternInvalid => $"the pattern '{subject}' must have one or two '*', not side by side, and at least one other character before the '@'",
        DirectoryRefusal.TooManyPatterns => $"the domain '{subject}' has the maximum number of patterns",
        DirectoryRefusal.DomainHasAddresses => $"the domain '{subject}' still has users, aliases or lists",
        DirectoryRefusal.DomainHasNames => $"other domains are aliases of '{subject}'",
        DirectoryRefusal.DomainIsAlias => $"the domain '{subject}' is an alias of another domain and has no addresses of its own",
        DirectoryRefusal.DomainAliasLoop => $"a domain cannot be an alias of itself or of another alias: '{subject}'",
        DirectoryRefusal.ListUnknown => $"no list '{subject}'",
        DirectoryRefusal.ListAddressInvalid => $"'{subject}' cannot be the address of a list",
        DirectoryRefusal.ListOfItself => $"the list '{subject}' cannot be its own member or owner",
        DirectoryRefusal.ListMemberUnknown => $"the list '{subject}' does not have this member",
        DirectoryRefusal.TooManyMembers => $"a list has at most {MailingList.MostMembers} members: '{subject}'",
        DirectoryRefusal.AddressIsList => $"'{subject}' is a mailing list",
        DirectoryRefusal.AccountIsShared => $"'{subject}' is a shared mailbox: nobody can sign in to it",
        DirectoryRefusal.DatabaseMissing => $"there is no database at '{subject}'",
        DirectoryRefusal.DatabaseNewer => $"the database '{subject}' was written by a newer version of this program",
        DirectoryRefusal.DatabaseUnusable => $"the database '{subject}' cannot be used",
        DirectoryRefusal.DatabaseBusy => $"the database '{subject}' is locked by another program",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };
}
