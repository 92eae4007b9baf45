using System.Buffers;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;

namespace MailServer.Actors.Submission;

/// <summary>
/// Finds the DKIM keys of a domain and signs with them. Keys are looked up at each message by <paramref name="keysOf"/>, which remembers
/// them: a key made by the command line is used without a restart.
/// </summary>
public sealed class OutboundSigner(Func<string, IReadOnlyList<DkimKey>> keysOf)
{
    /// <summary>The keys of a domain; none when it has none.</summary>
    public IReadOnlyList<DkimKey> KeysOf(string domain) => keysOf(domain);

    /// <summary>Writes the DKIM-Signature fields for mail of <paramref name="domain"/>; nothing when it has no key or the header is too long to be signed.</summary>
    public void Sign(IBufferWriter<byte> output, string domain, ReadOnlySpan<byte> addedFields, MessageContent content, DateTimeOffset now, int maxHeader)
    {
        if (keysOf(domain) is { Count: > 0 } keys) DkimSigner.TrySign(output, keys, addedFields, content, now, maxHeader);
    }
}
