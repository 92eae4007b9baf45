using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Mailboxes;

/// <summary>
/// An account that uses the mailbox of another one. Rights belong to the id and the address together: a new account with the address of a removed one has none of its rights, and neither has an
/// account with the same id after a mailbox was moved to another server.
/// </summary>
public sealed record MailboxGuest(AccountId Id, EmailAddress Address);

/// <summary>The rights of one account to a folder.</summary>
/// <param name="Guest">The account; null for all accounts of the server (<c>anyone</c>).</param>
/// <param name="Rights">Its rights.</param>
public sealed record FolderGrant(MailboxGuest? Guest, FolderRights Rights);

/// <summary>Decides about the rights to a folder.</summary>
public static class AccessRules
{
    /// <summary>The name that stands for all accounts.</summary>
    public const string Anyone = "anyone";

    /// <summary>The rights that show that a folder exists (MYRIGHTS, RFC 4314 §4).</summary>
    public const FolderRights AnyKnown =
        FolderRights.Lookup | FolderRights.Read | FolderRights.Insert | FolderRights.Create | FolderRights.Delete | FolderRights.Administer;

    /// <summary>The rights of a guest: its own and those of <c>anyone</c> together.</summary>
    public static FolderRights Of(IReadOnlyList<FolderGrant> grants, MailboxGuest guest)
    {
        ArgumentNullException.ThrowIfNull(grants);
        var rights = FolderRights.None;
        foreach (var grant in grants)
            if (grant.Guest is null || grant.Guest == guest) rights |= grant.Rights;
        return rights;
    }

    /// <summary>The grants after SETACL, without those that grant nothing.</summary>
    public static IReadOnlyList<FolderGrant> Change(IReadOnlyList<FolderGrant> grants, MailboxGuest? guest, FlagOperation operation, FolderRights rights)
    {
        ArgumentNullException.ThrowIfNull(grants);
        // An earlier account with this address has lost its rights.
        var before = grants.FirstOrDefault(g => g.Guest == guest)?.Rights ?? FolderRights.None;
        var others = grants.Where(g => g.Guest != guest && (guest is null || g.Guest?.Address.Equals(guest.Address) != true));
        var after = operation switch
        {
            FlagOperation.Add => before | rights,
            FlagOperation.Remove => before & ~rights,
            _ => rights,
        };
        return after == FolderRights.None ? [.. others] : [.. others, new FolderGrant(guest, after)];
    }

    /// <summary>The system flags that these rights allow to change, without <c>\Seen</c>, which each guest has for itself.</summary>
    public static SystemFlags ChangeableFlags(FolderRights rights)
    {
        var flags = SystemFlags.None;
        if (rights.HasFlag(FolderRights.Write)) flags |= SystemFlags.Answered | SystemFlags.Flagged | SystemFlags.Draft;
        if (rights.HasFlag(FolderRights.DeleteMessages)) flags |= SystemFlags.Deleted;
        return flags;
    }

    /// <summary>The flags without those that these rights do not allow to set (RFC 4314 §4), and without <c>\Seen</c>.</summary>
    public static MessageFlags Permitted(MessageFlags flags, FolderRights rights) =>
        new(flags.System & ChangeableFlags(rights), rights.HasFlag(FolderRights.Write) ? flags.Keywords : KeywordSet.Empty);

    /// <summary>The flags with <c>\Seen</c> set or not.</summary>
    public static MessageFlags WithSeen(MessageFlags flags, bool isSeen) =>
        flags with { System = isSeen ? flags.System | SystemFlags.Seen : flags.System & ~SystemFlags.Seen };
}
