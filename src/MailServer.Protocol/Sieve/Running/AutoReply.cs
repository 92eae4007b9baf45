using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>Who must not get an automatic reply (RFC 3834 §2, RFC 5230 §4.5, §4.6).</summary>
internal static class AutoReply
{
    private static readonly string[] ListFields = ["List-Id", "List-Help", "List-Subscribe", "List-Unsubscribe", "List-Post", "List-Owner", "List-Archive"];
    private static readonly string[] RecipientFields = ["To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"];
    private static readonly string[] Robots = ["mailer-daemon", "listserv", "majordomo", "postmaster", "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "bounce", "bounces"];

    /// <summary>Why the message gets no reply; null if it may get one.</summary>
    /// <param name="run">The run.</param>
    /// <param name="addresses">Further addresses of the account, from the script.</param>
    public static string? Refusal(SieveRun run, IReadOnlyList<string> addresses)
    {
        var sender = run.Facts.Envelope.Sender;
        if (sender.Length == 0) return "the message is a bounce: it has no sender";
        if (SieveAddress.OfEnvelope(sender) is not { } address) return "the sender is not an address";
        if (IsRobot(address.Local)) return "the sender is a program or a list";
        if (run.Facts.IsJunk) return "the message is junk";
        var header = run.Header;
        if (ListFields.Any(f => header.Find(f).Count > 0)) return "the message comes from a mailing list";
        if (header.Find("Auto-Submitted").Any(static f => !FirstWord(f.Text).Equals("no", StringComparison.OrdinalIgnoreCase))) return "the message was sent automatically";
        if (header.Find("Precedence").Any(static f => f.Text.ToLowerInvariant() is "bulk" or "list" or "junk")) return "the message was sent in bulk";
        if (header.Find("X-Auto-Response-Suppress").Any(static f => SuppressesReplies(f.Text))) return "the sender wants no automatic replies";
        var own = run.Facts.OwnAddresses.Concat(addresses).Append(run.Facts.Envelope.Recipient).Select(Canonical).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (own.Contains(Canonical(address))) return "the sender is the account itself";
        return RecipientFields.SelectMany(header.Find).Any(f => SieveAddress.ReadAll(f.Value).Exists(a => own.Contains(Canonical(a))))
            ? null
            : "the message is not addressed to the account";
    }

    private static bool IsRobot(string local)
    {
        var name = local.ToLowerInvariant();
        return Robots.Contains(name) || name.StartsWith("owner-", StringComparison.Ordinal) || name.EndsWith("-request", StringComparison.Ordinal) || name.EndsWith("-owner", StringComparison.Ordinal)
            || name.EndsWith("-bounces", StringComparison.Ordinal) || name.StartsWith("bounce-", StringComparison.Ordinal) || name.StartsWith("bounce+", StringComparison.Ordinal)
            || name.StartsWith("noreply", StringComparison.Ordinal) || name.StartsWith("no-reply", StringComparison.Ordinal);
    }

    // All, OOF, AutoReply (MS-OXCMAIL)
    private static bool SuppressesReplies(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries).Any(static w => w.ToLowerInvariant() is "all" or "oof" or "autoreply");

    private static string FirstWord(string text) => text.IndexOfAny([' ', ';', '\t', '(']) is >= 0 and var end ? text[..end] : text;

    private static string Canonical(string text) => SieveAddress.OfEnvelope(text) is { } address ? Canonical(address) : text;

    // Mail for user+detail is mail for the user.
    private static string Canonical(SieveAddress address) => $"{address.User}@{address.Domain}";
}
