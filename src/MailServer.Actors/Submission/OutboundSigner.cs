using System.Buffers;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Actors.Submission;

/// <summary>
/// Signs mail with the DKIM keys of a domain. Keys are looked up for each message through <paramref name="keysOf"/>, which caches them: a key created on
/// the command line is used without a restart.
/// </summary>
public sealed class OutboundSigner(Func<string, IReadOnlyList<DkimKey>> keysOf)
{
    /// <summary>The keys of a domain; empty if it has none.</summary>
    public IReadOnlyList<DkimKey> KeysOf(string domain) => keysOf(domain);

    /// <summary>Writes the DKIM-Signature fields for mail from <paramref name="domain"/>; writes nothing when it has no key or the header is too long.</summary>
    public void Sign(IBufferWriter<byte> output, string domain, ReadOnlySpan<byte> addedFields, MessageContent content, DateTimeOffset now, int maxHeader)
    {
        if (keysOf(domain) is { Count: > 0 } keys) DkimSigner.TrySign(output, keys, addedFields, content, now, maxHeader);
    }
}
