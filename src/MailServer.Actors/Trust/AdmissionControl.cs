using System.Net;
using MailServer.Domain.Formatting;
using MailServer.Domain;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Dns;
using MailServer.Protocol.MessageAuthentication.Spf;
using MailServer.Storage.Trust;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Trust;

/// <summary>
/// Admission control for mail: block lists, greylisting, and limits on mail from one source and from one account. All refusals except those of a block list
/// are temporary. Thread-safe.
/// </summary>
public sealed class AdmissionControl
{
    private static readonly SmtpReply TooFast = new(450, "4.7.1", "Too much mail from your network, try again later");

    private readonly AdmissionOptions _options;
    private readonly TimeProvider _time;
    private readonly Limits _limits;
    private readonly BlockLists _blockLists;
    private readonly Greylist? _greylist;
    private readonly RateLimiter _networks;
    private readonly RateLimiter _domains;
    private readonly TrustStore? _store;
    private int _held;

    /// <param name="options">Settings.</param>
    /// <param name="store">Null when <see cref="AdmissionOptions.NeedsStore"/> is false.</param>
    /// <param name="dns">Used for block lists and SPF.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Logs block lists that refuse queries.</param>
    public AdmissionControl(AdmissionOptions options, TrustStore? store, IDnsLookup dns, Limits limits, TimeProvider time, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(limits);
        _options = options;
        _time = time;
        _limits = limits;
        _store = store;
        _blockLists = new BlockLists(dns, options.BlockLists, limits, time, log);
        _networks = new RateLimiter(options.IncomingPerNetwork, limits.RateSources, time);
        _domains = new RateLimiter(options.IncomingPerDomain, limits.RateSources, time);
        if (options.GreylistDelay is { } delay && store is not null) _greylist = new Greylist(store, new SpfEvaluator(dns, time), limits, time, delay);
    }

    /// <summary>Checks MAIL from outside; null when it is accepted.</summary>
    public SmtpReply? CheckSender(IPAddress peer) => _networks.TryTake(NetworkKey.Of(peer)) ? null : TooFast;

    /// <summary>Checks RCPT from outside for an accepted recipient; null when it is admitted.</summary>
    public async ValueTask<SmtpReply?> CheckRecipientAsync(IPAddress peer, EmailAddress? sender, EmailAddress recipient, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        // Senders listed by mistake must be able to report it (RFC 5321 §4.5.1, RFC 2142).
        if (recipient.Local.ToLowerInvariant() is "postmaster" or "abuse") return null;
        if (_options.BlockListAction == BlockListAction.Reject && await _blockLists.FindAsync(peer, cancel) is { } listing)
            return new SmtpReply(554, "5.7.1", $"{Plain(peer)} is listed by {listing.Zone}{(listing.Text is null ? "" : ": " + listing.Text)}");
        if (_greylist is not null && await _greylist.CheckAsync(peer, sender, recipient, cancel) is { } wait)
            return new SmtpReply(451, "4.7.1", $"Greylisted: try again in {Quantity.Of((long)Math.Ceiling(wait.TotalSeconds), "second")}");
        return null;
    }

    /// <summary>Why a message from this address goes to Junk; null when it does not.</summary>
    public async ValueTask<string?> FindJunkReasonAsync(IPAddress peer, CancellationToken cancel) =>
        _options.BlockListAction == BlockListAction.Junk && await _blockLists.FindAsync(peer, cancel) is { } listing ? $"listed by {listing.Zone}" : null;

    /// <summary>Checks a message whose sender domain passed SPF; null when it is accepted.</summary>
    public SmtpReply? CheckDomain(string? domain) =>
        domain is null || _domains.TryTake(domain) ? null : new SmtpReply(450, "4.7.1", $"Too much mail from {domain}, try again later");

    /// <summary>Delays the reply to a first contact. When very many are already delayed, there is no delay.</summary>
    public async ValueTask DelayFirstContactAsync(EmailAddress? sender, IReadOnlyList<EmailAddress> recipients, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(recipients);
        if (_options.FirstContactDelay <= TimeSpan.Zero || sender is null || _store is null) return;
        if (recipients.Any(r => _store.IsContact(r.WithoutTag().Key, sender.Key))) return;
        try
        {
            if (Interlocked.Increment(ref _held) <= _limits.HeldMessages) await Task.Delay(_options.FirstContactDelay, _time, cancel);
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }

        foreach (var recipient in recipients) _store.SaveContact(recipient.WithoutTag().Key, sender.Key);
    }

    /// <summary>Counts a message of an account to remote recipients, or refuses it temporarily.</summary>
    public SmtpReply? CheckOutgoing(Account account, IReadOnlyCollection<EmailAddress> recipients)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(recipients);
        if (_store is null || recipients.Count == 0) return null;
        var own = account.Address.Key;
        var unknown = recipients.Where(r => !_store.IsContact(own, r.Key)).ToArray();
        var day = _store.Sent(account.Id.Value, 24);
        var refusal = Over(_options.OutgoingPerHour, _store.Sent(account.Id.Value, 1).Recipients, recipients.Count, "recipients an hour")
            ?? Over(_options.OutgoingPerDay, day.Recipients, recipients.Count, "recipients a day")
            ?? Over(_options.NewRecipientsPerDay, day.NewRecipients, unknown.Length, "new recipients a day");
        if (refusal is not null) return refusal;
        _store.AddSent(account.Id.Value, recipients.Count, unknown.Length);
        foreach (var recipient in unknown) _store.SaveContact(own, recipient.Key);
        return null;
    }

    /// <summary>What an account has sent to other hosts and its limits; null when no limit is configured.</summary>
    public OutgoingUsage? UseOf(AccountId account)
    {
        if (_store is null) return null;
        var day = _store.Sent(account.Value, 24);
        return new OutgoingUsage(
            day.Messages,
            _store.Sent(account.Value, 1).Recipients, _options.OutgoingPerHour,
            day.Recipients, _options.OutgoingPerDay,
            day.NewRecipients, _options.NewRecipientsPerDay);
    }

    private static SmtpReply? Over(int limit, long sent, int more, string what) => limit > 0 && sent + more > limit
        ? new SmtpReply(450, "4.7.1", $"Your account may send to {limit} {what} and has sent to {sent}; try again later")
        : null;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
