using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Web.Dav;

/// <summary>Where the source or the destination of COPY and MOVE really is: in the account's own store, or in that of the account that shares it.</summary>
/// <param name="Store">The account that owns the place.</param>
/// <param name="Owner">Its address.</param>
/// <param name="Path">The path in its store.</param>
/// <param name="Sharee">The authenticated account if it is not the owner; otherwise null.</param>
internal sealed record DavPlace(AccountId Store, EmailAddress Owner, CollectionPath Path, AccountId? Sharee)
{
    /// <summary>Reads the preconditions of the request, with the resources that they name as paths of the store.</summary>
    public required Func<Preconditions> ReadConditions { get; init; }

    /// <summary>True if the path is a shared collection itself, which has a name of its own in the guest's home.</summary>
    public bool IsMount { get; init; }

    /// <summary>The preconditions of the request for this place.</summary>
    public Preconditions Conditions => ReadConditions();
}
