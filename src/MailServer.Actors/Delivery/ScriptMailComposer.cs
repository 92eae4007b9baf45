using System.Buffers;
using System.Globalization;
using System.Text;
using MailServer.Actors.Queue;
using MailServer.Actors.Submission;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Composing;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Smtp.Headers;

namespace MailServer.Actors.Delivery;

/// <summary>
/// Writes the messages that scripts want sent, and their envelopes. The ids follow from the delivery and from the number of the action, so a delivery that is repeated makes the same
/// messages again and the queue accepts each of them once. Safe for concurrent use.
/// </summary>
internal sealed class ScriptMailComposer(DeliveryServices services, ForwardingRewriter forwarding)
{
    /// <summary>Names the accounts that have redirected a message, so that a loop is recognised.</summary>
    internal const string RedirectedFrom = "X-Sieve-Redirected-From";

    // A message that is redirected to and fro gets a Received field each time.
    private const int HopsLeft = 10;

    private static readonly SmtpReply LocalFailure = new(451, "4.3.0", "Temporary failure");

    /// <summary>One result for each action; null if the directory or a signing key does not answer.</summary>
    /// <exception cref="IOException">The spool cannot be written.</exception>
    public async Task<IReadOnlyList<PreparedScriptMail>?> PrepareAsync(AccountId account, ScriptMailSource source, IReadOnlyList<SieveAction> actions, CancellationToken cancel)
    {
        var own = await services.Addresses.AddressesOfAsync(account, cancel);
        if (own.Count == 0) return null;
        var made = new List<PreparedScriptMail>(actions.Count);
        var isComplete = false;
        try
        {
            foreach (var (index, action) in actions.Index())
            {
                var id = source.Message.Id.Derive(string.Create(CultureInfo.InvariantCulture, $"A{account.Value}N{index}"));
                var sending = new Sending(id, account, own[0], source);
                if (await PrepareAsync(sending, action, cancel) is not { } prepared) return null;
                made.Add(prepared);
            }

            isComplete = true;
            return made;
        }
        finally
        {
            if (!isComplete) Discard(made);
        }
    }

    /// <summary>Removes the files of messages that are not published.</summary>
    public void Discard(IEnumerable<PreparedScriptMail> mails)
    {
        foreach (var mail in mails)
            if (mail.Attempt is { } attempt) services.Spool.Remove(attempt.Id);
    }

    /// <summary>
    /// Makes a message durable, with its envelope: it will be queued even if the server is killed now. Returns what the queue must be told. An earlier attempt whose message is durable is
    /// used again: it may be queued or on its way.
    /// </summary>
    public QueueItem Publish(PreparedScriptMail mail)
    {
        var item = mail.Item!;
        if (services.Spool.Contains(item.Message) && QueueEnvelope.Find(services.Spool, item.Message) is { } earlier)
        {
            services.Spool.Remove(mail.Attempt!.Id);
            return earlier;
        }

        services.Spool.Publish(mail.Attempt!);
        services.Spool.Envelopes.Write(item.Message, QueueEnvelope.Encode(new QueueEvent.Queued(item)));
        return item;
    }

    private async Task<PreparedScriptMail?> PrepareAsync(Sending sending, SieveAction action, CancellationToken cancel) => action switch
    {
        SieveRedirect redirect => await RedirectAsync(sending, redirect, cancel),
        SieveVacation vacation => await ReplyAsync(sending, vacation, cancel),
        SieveNotify notify => await NotifyAsync(sending, notify, cancel),
        _ => throw new InvalidOperationException($"no mail follows from {action.GetType().Name}"),
    };

    private async Task<PreparedScriptMail?> RedirectAsync(Sending sending, SieveRedirect redirect, CancellationToken cancel)
    {
        if (redirect.IsList || !EmailAddress.TryParse(redirect.Address, out var target)) return Stopped(redirect, $"'{redirect.Address}' is not an address");
        using var content = services.Spool.Open(sending.Source.Message.Id);
        if (HeaderSectionReader.Read(content, services.Limits.MaxHeaderSize) is not { } header) return Stopped(redirect, "the header is too long");
        if (WasRedirectedBy(header, sending.Owner)) return Stopped(redirect, "the message was redirected from here before: it is in a loop");
        var fields = SubmissionHeaders.Read(header);
        if (fields.ReceivedFields > services.Limits.ReceivedFields - HopsLeft) return Stopped(redirect, "the message came through too many servers");
        var resolved = await ResolveAsync([target], cancel);
        if (resolved.Refusal is { } refusal) return refusal.IsTransient ? null : Stopped(redirect, $"{target}: {refusal.Text}");
        if (resolved.Found.Lists.Count > 0) return Stopped(redirect, $"{target} is a mailing list of this server: scripts cannot send to it");
        if (resolved.Found is { Remote.Count: 0 } found && found.Accounts.Keys.All(a => a == sending.Account)) return new PreparedScriptMail(redirect, null, null, "the address is the account's own", LeadsHere: true);

        var sender = await forwarding.RewriteSenderAsync(sending.Source.Sender, sending.Owner.Domain, cancel);
        using var buffer = services.Spool.BeginAttempt(sending.Id);
        buffer.Write(Encoding.ASCII.GetBytes($"{RedirectedFrom}: {AsciiForm(sending.Owner)}\r\n"));
        var returnPath = LengthOfReturnPath(header);
        buffer.Write(redirect.Header is { } edited ? AutomaticMail.Header([.. edited.Where(static f => !IsReturnPath(f.Name))]) : header.AsSpan(returnPath));
        ChangedBody.Write(buffer, content, redirect.Body, header.Length);
        var prefix = new ArrayBufferWriter<byte>(512);
        TraceFields.WriteReturnPath(prefix, sender);
        var skip = prefix.WrittenCount;
        using (var message = buffer.OpenContent()) forwarding.Seal(prefix, header, sending.Owner.Domain, message, services.Time.GetLocalNow());
        var attempt = services.Spool.Commit(buffer, prefix.WrittenSpan);
        return Made(redirect, attempt, skip, sender, resolved.Found, fields.MessageId, fields.HasUtf8);
    }

    private async Task<PreparedScriptMail?> ReplyAsync(Sending sending, SieveVacation reply, CancellationToken cancel)
    {
        if (!EmailAddress.TryParse(reply.Recipient, out var to)) return Stopped(reply, $"'{reply.Recipient}' is not an address");
        // A forwarder of ours has rewritten the sender; the reply goes to the author, and says so.
        to = forwarding.Restore(to) ?? to;
        var origin = await OriginAsync(sending, reply.From, cancel);
        return await SendAsync(sending, reply, [to], origin.From, AutomaticMail.Reply(reply, to, origin), cancel);
    }

    private async Task<PreparedScriptMail?> NotifyAsync(Sending sending, SieveNotify notify, CancellationToken cancel)
    {
        var to = notify.Mail.To.Concat(notify.Mail.Cc).Select(EmailAddress.Parse).ToArray();
        var origin = await OriginAsync(sending, notify.From, cancel);
        byte[] mail;
        using (var content = services.Spool.Open(sending.Source.Message.Id)) mail = AutomaticMail.Notification(notify, new SieveMessage(content, services.Limits), origin);
        return await SendAsync(sending, notify, to, origin.From, mail, cancel);
    }

    private async Task<PreparedScriptMail?> SendAsync(Sending sending, SieveAction action, EmailAddress[] to, EmailAddress from, byte[] mail, CancellationToken cancel)
    {
        var (found, refusal) = await ResolveAsync(to, cancel);
        if (refusal is not null) return refusal.IsTransient ? null : Stopped(action, $"{to[0]}: {refusal.Text}");
        if (found.Lists.Count > 0) return Stopped(action, "the recipient is a mailing list of this server: scripts cannot send to it");
        if (services.Signer is { } signer && !signer.CanSign(from.Domain)) return null;
        using var buffer = services.Spool.BeginAttempt(sending.Id);
        buffer.Write(mail);
        var prefix = new ArrayBufferWriter<byte>(512);
        TraceFields.WriteReturnPath(prefix, null);
        var skip = prefix.WrittenCount;
        using (var message = buffer.OpenContent()) services.Signer?.Sign(prefix, from.Domain, [], message, services.Time.GetLocalNow(), services.Limits.MaxHeaderSize);
        var attempt = services.Spool.Commit(buffer, prefix.WrittenSpan);
        return Made(action, attempt, skip, null, found, MessageIdOf(sending), to.Any(static a => !Ascii.IsValid(a.Local)));
    }

    private PreparedScriptMail Made(SieveAction action, SpooledMessage attempt, int skip, EmailAddress? sender, ResolvedRecipients to, string? messageId, bool hasUtf8)
    {
        var now = attempt.ReceivedAt.ToUniversalTime();
        var options = action is SieveRedirect redirect ? redirect.Options : SieveRedirectOptions.None;
        return new PreparedScriptMail(action, attempt, new QueueItem
        {
            Message = new SpoolId(attempt.Id.Base),
            MessageId = messageId,
            Sender = sender,
            QueuedAt = now,
            Size = attempt.Size - skip,
            PrefixLength = skip,
            EightBit = QueueItemFactory.HasEightBit(services, attempt, skip),
            SmtpUtf8 = hasUtf8,
            Return = options.Return,
            DeliverBy = options.DeadlineAt(services.Time.GetUtcNow()),
            Recipients =
            [
                .. to.Remote.Select(r => new QueueRecipient { Address = r.Key, NextAttempt = now, Notify = options.Notify }),
                .. to.Accounts.Select(a => new QueueRecipient { Address = a.Value, NextAttempt = now, Mailbox = a.Key, Notify = options.Notify }),
            ],
        }, null);
    }

    private async ValueTask<(ResolvedRecipients Found, SmtpReply? Refusal)> ResolveAsync(EmailAddress[] to, CancellationToken cancel)
    {
        try
        {
            return await services.Addresses.ResolveAsync(OwnTransaction.OfOurs(services.Hostname, default, to[0], smtpUtf8: true) with { Recipients = to }, cancel);
        }
        catch (Exception e) when (e is System.Data.Common.DbException or DirectoryException)
        {
            return (new ResolvedRecipients(), LocalFailure);
        }
    }

    /// <summary>The sender is the address that the script names, if it is the account's; otherwise the one to which the message came.</summary>
    private async ValueTask<AutomaticMailOrigin> OriginAsync(Sending sending, string? field, CancellationToken cancel)
    {
        var from = sending.Source.Recipient is { } named && await services.Addresses.MaySendAsAsync(sending.Account, named, cancel) ? named : sending.Owner;
        string? accepted = null;
        if (field is not null && FromFieldParser.Parse(Encoding.UTF8.GetBytes(field)) is [var asked] && await services.Addresses.MaySendAsAsync(sending.Account, asked, cancel))
            (from, accepted) = (asked, field);
        return new AutomaticMailOrigin(from, sending.Owner, MessageIdOf(sending), MailDate.Format(services.Time.GetLocalNow())) { FromField = accepted };
    }

    private string MessageIdOf(Sending sending) => $"<{sending.Id.Value}@{services.Hostname}>";

    private static PreparedScriptMail Stopped(SieveAction action, string why) => new(action, null, null, why);

    private static bool WasRedirectedBy(byte[] header, EmailAddress owner)
    {
        var name = Encoding.ASCII.GetBytes(RedirectedFrom);
        foreach (var field in Protocol.Messages.HeaderFields.Enumerate(header))
            if (Ascii.EqualsIgnoreCase(field.Name, name) && Encoding.ASCII.GetString(field.Value).Trim().Equals(AsciiForm(owner), StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    private static string AsciiForm(EmailAddress address) => Ascii.IsValid(address.ToString()) ? address.ToString() : Uri.EscapeDataString(address.Local) + "@" + address.Domain;

    /// <summary>This server's own field at the start of the file, which is of the earlier delivery.</summary>
    private static int LengthOfReturnPath(ReadOnlySpan<byte> header)
    {
        var end = header.IndexOf("\r\n"u8);
        return end > 0 && Ascii.EqualsIgnoreCase(header[..Math.Min(end, ReturnPathName.Length)], ReturnPathName) ? end + 2 : 0;
    }

    private static ReadOnlySpan<byte> ReturnPathName => "Return-Path:"u8;

    private static bool IsReturnPath(string name) => name.Equals("Return-Path", StringComparison.OrdinalIgnoreCase);

    private sealed record Sending(SpoolId Id, AccountId Account, EmailAddress Owner, ScriptMailSource Source);
}
