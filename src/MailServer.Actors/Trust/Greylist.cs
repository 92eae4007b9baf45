using System.Net;
using MailServer.Domain.Timing;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Protocol.MessageAuthentication.Spf;
using MailServer.Storage.Trust;

namespace MailServer.Actors.Trust;

/// <summary>
/// Greylisting (RFC 6647): the first message from a network and sender domain to a recipient is deferred; mail servers try again, most spam senders do not.
/// A domain that passes SPF is identified by its name instead of its network, so that a provider may retry from any of its hosts. Sources that have retried
/// often enough are trusted.
/// </summary>
internal sealed class Greylist(TrustStore store, SpfEvaluator spf, Limits limits, TimeProvider time, TimeSpan delay)
{
    private const int PassesToTrust = 5;
    private const long ReturnWithin = 2 * 24 * 60 * 60;
    private const long Remembered = 36 * 24 * 60 * 60;

    /// <summary>How long the sender must wait; null when the message is accepted now.</summary>
    public async ValueTask<TimeSpan?> CheckAsync(IPAddress address, EmailAddress? sender, EmailAddress recipient, CancellationToken cancel)
    {
        var network = NetworkKey.Of(address);
        var domain = sender?.Domain ?? "<>";
        if (IsTrusted(network, domain)) return null;
        var source = sender is not null && await PassesSpfAsync(address, sender, cancel) ? "spf" : network;
        return source == network || !IsTrusted(source, domain) ? Judge(source, domain, recipient) : null;
    }

    private TimeSpan? Judge(string source, string domain, EmailAddress recipient)
    {
        var today = time.GetUtcNow();
        var now = today.ToUnixTimeSeconds();
        var key = $"{source} {domain} {recipient.Key}";
        var known = store.FindTriplet(key);
        if (known is not { } entry || IsOlder(entry.Last, Remembered) || (entry.Passes == 0 && IsOlder(entry.First, ReturnWithin)))
        {
            // The table is full, because of an attack or a very large site; neither justifies delaying mail.
            if (known is null && store.CountTriplets() >= limits.GreylistEntries) return null;
            store.SaveTriplet(key, new GreylistEntry(now, now, 0));
            return delay;
        }

        var waited = TimeSpan.FromSeconds(Math.Max(0, now - entry.First));
        if (entry.Passes == 0 && waited < delay) return delay - waited;
        store.SaveTriplet(key, entry with { Last = now, Passes = entry.Passes + 1 });
        var whole = store.FindTriplet(WholeKey(source, domain)) ?? new GreylistEntry(now, now, 0);
        store.SaveTriplet(WholeKey(source, domain), whole with { Last = now, Passes = whole.Passes + 1 });
        return null;

        bool IsOlder(long seconds, long age) => StoredTime.IsOlder(DateTimeOffset.FromUnixTimeSeconds(seconds), today, TimeSpan.FromSeconds(age));
    }

    private bool IsTrusted(string source, string domain) => store.FindTriplet(WholeKey(source, domain)) is { Passes: >= PassesToTrust };

    private static string WholeKey(string source, string domain) => $"{source} {domain} *";

    private async ValueTask<bool> PassesSpfAsync(IPAddress address, EmailAddress sender, CancellationToken cancel)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        late.CancelAfter(limits.BlockListTimeout);
        try
        {
            return (await spf.EvaluateAsync(new SpfQuery(address, "", sender.ToString()), late.Token)).Result == SpfResult.Pass;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
