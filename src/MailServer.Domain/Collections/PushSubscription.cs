using MailServer.Domain.Accounts;

namespace MailServer.Domain.Collections;

/// <summary>Where a client wants to be told that a collection has changed (WebDAV-Push over Web Push, RFC 8030).</summary>
/// <param name="Id">Names the registration.</param>
/// <param name="Account">Whose client it is.</param>
/// <param name="Resource">The URL at the push service; one registration a collection and resource.</param>
/// <param name="PublicKey">The client's key on P-256, 65 octets (RFC 8291 §2.1).</param>
/// <param name="AuthSecret">16 octets (RFC 8291 §2.1).</param>
/// <param name="OfContent">Members have come, changed or gone.</param>
/// <param name="OfProperties">Properties of the collection have changed.</param>
/// <param name="Expires">When it ends by itself.</param>
public sealed record PushSubscription(
    string Id, AccountId Account, string Resource, ReadOnlyMemory<byte> PublicKey, ReadOnlyMemory<byte> AuthSecret, bool OfContent, bool OfProperties, DateTimeOffset Expires)
{
    /// <summary>Never the keys: this may reach a log.</summary>
    public override string ToString() => $"PushSubscription {{ Id = {Id} }}";
}

/// <summary>A collection has changed, durably, and these want to know.</summary>
public sealed record CollectionChanged(long Collection, long ModSeq, bool Properties, IReadOnlyList<PushSubscription> Subscriptions);
