using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;

namespace MailServer.Domain.Collections;

/// <summary>The access rights of an account to a collection.</summary>
public enum CollectionAccess
{
    None,
    Read,
    ReadWrite,

    /// <summary>The account owns the collection.</summary>
    Owner,
}

/// <summary>A share of a collection with another account.</summary>
/// <param name="Account">The sharee.</param>
/// <param name="Address">Address of the sharee at the time of the invitation.</param>
/// <param name="Access"><see cref="CollectionAccess.Read"/> or <see cref="CollectionAccess.ReadWrite"/>.</param>
/// <param name="Declined">True if the sharee declined the invitation or left; it then has no access until it is invited again.</param>
/// <param name="Summary">Text that the owner added to the invitation.</param>
public sealed record CollectionGrant(AccountId Account, EmailAddress Address, CollectionAccess Access, bool Declined, string Summary);

/// <summary>A shared collection that appears in the home of the sharee. Requests to it are forwarded to its owner.</summary>
/// <param name="Owner">The owner of the collection.</param>
/// <param name="OwnerAddress">Address of the owner.</param>
/// <param name="Target">Path of the collection in the owner's home.</param>
/// <param name="TargetId"><see cref="CollectionInfo.Id"/> of the collection in the owner's store.</param>
/// <param name="Access">Access rights of the sharee.</param>
/// <param name="Invitation">Id of the invitation.</param>
/// <param name="InvitedAt">Time of the invitation.</param>
/// <param name="Summary">Text that the owner added to the invitation.</param>
/// <param name="IsInvitationPending">True until the sharee answers or dismisses the invitation.</param>
public sealed record CollectionMount(
    AccountId Owner, EmailAddress OwnerAddress, CollectionPath Target, long TargetId, CollectionAccess Access, string Invitation, DateTimeOffset InvitedAt, string Summary, bool IsInvitationPending);
