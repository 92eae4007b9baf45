using MailServer.Domain.Accounts;

namespace MailServer.Domain.Collections;

/// <summary>A client's subscription to changes of a collection (WebDAV-Push over Web Push, RFC 8030).</summary>
/// <param name="Id">Id of the subscription.</param>
/// <param name="Account">The account of the client.</param>
/// <param name="Resource">URL at the push service; each collection has at most one subscription per URL.</param>
/// <param name="PublicKey">The client's P-256 public key, 65 octets (RFC 8291 §2.1).</param>
/// <param name="AuthSecret">Authentication secret, 16 octets (RFC 8291 §2.1).</param>
/// <param name="NotifyContent">True to notify of added, changed and removed members.</param>
/// <param name="NotifyProperties">True to notify of changed properties of the collection.</param>
/// <param name="Expires">Expiry time.</param>
public sealed record PushSubscription(
    string Id, AccountId Account, string Resource, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> AuthSecret, bool NotifyContent, bool NotifyProperties, DateTimeOffset Expires)
{
    /// <summary>Omits the keys, because the text may reach a log.</summary>
    public override string ToString() => $"PushSubscription {{ Id = {Id} }}";
}

/// <summary>A durable change of a collection and the subscriptions to notify.</summary>
public sealed record CollectionChanged(long Collection, long ModSeq, bool Properties, IReadOnlyList<PushSubscription> Subscriptions);
