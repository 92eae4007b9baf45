using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Collections;

/// <summary>What an account may do with a collection.</summary>
public enum CollectionAccess
{
    None,
    Read,
    ReadWrite,

    /// <summary>It is the account's own.</summary>
    Owner,
}

/// <summary>Another account that a collection is shared with.</summary>
/// <param name="Account">Who.</param>
/// <param name="Address">Its address, as it was when it was invited.</param>
/// <param name="Access"><see cref="CollectionAccess.Read"/> or <see cref="CollectionAccess.ReadWrite"/>.</param>
/// <param name="Declined">It did not want it, or left: it may do nothing until it is invited again.</param>
/// <param name="Summary">What the owner wrote to the invitation.</param>
public sealed record CollectionGrant(AccountId Account, EmailAddress Address, CollectionAccess Access, bool Declined, string Summary);

/// <summary>A collection of another account that stands in this account's home: what is asked of it is asked of its owner.</summary>
/// <param name="Owner">Whose it is.</param>
/// <param name="OwnerAddress">The owner's address.</param>
/// <param name="Target">Where it is with its owner.</param>
/// <param name="TargetId">Its <see cref="CollectionInfo.Id"/> there.</param>
/// <param name="Access">What this account may do with it.</param>
/// <param name="Invitation">Names the invitation.</param>
/// <param name="InvitedAt">When it was shared.</param>
/// <param name="Summary">What the owner wrote to the invitation.</param>
/// <param name="IsNews">The account has not yet answered or dismissed the invitation.</param>
public sealed record CollectionMount(
    AccountId Owner, EmailAddress OwnerAddress, CollectionPath Target, long TargetId, CollectionAccess Access, string Invitation, DateTimeOffset InvitedAt, string Summary, bool IsNews);
