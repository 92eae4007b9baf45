using System.Text;
using MailServer.Actors.Filtering;
using MailServer.Domain.Addresses;
using MailServer.Domain.Formatting;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Mailboxes;

/// <summary>Runs the scripts of a delivery, and applies the limits of what they may send.</summary>
internal sealed class ScriptRun(RecoverableMailbox mailbox, MailboxServices services)
{
    private readonly ScriptServices _scripts = services.Scripts!;

    // Each address costs a run with a budget of its own.
    private const int MostRecipients = 10;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    private readonly ScriptEvaluator _evaluator = new(services.Scripts!.Server);

    /// <summary>Runs the scripts. Returns the actions that send mail, without those that are not due or exceed the limit.</summary>
    public IReadOnlyList<SieveAction> Decide(ScriptedDelivery delivery, ScriptLibrary library)
    {
        using var content = _scripts.Spool.Open(delivery.Message.Id);
        var sender = ReturnPathField.SenderOf(content);
        delivery.Source = delivery.Source with { Sender = sender };
        EmailAddress?[] recipients = [delivery.Request.Recipient ?? mailbox.OwnerAddress, .. delivery.Request.FurtherRecipients.Take(MostRecipients - 1)];
        var decision = ScriptDecision.Merge([.. recipients.Select(r => DecideFor(new SieveEnvelope(sender?.ToString() ?? "", r?.ToString() ?? ""), delivery, content, library))]);
        delivery.Decision = decision;
        delivery.Remarks.AddRange(decision.Remarks);
        if (decision.Error is { } error) delivery.Notices["error"] = error;
        return Limit(delivery, decision.Mails);
    }

    private ScriptDecision DecideFor(SieveEnvelope envelope, ScriptedDelivery delivery, MessageContent content, ScriptLibrary library)
    {
        var context = new ScriptContext
        {
            Envelope = envelope,
            Folder = delivery.Request.Folder,
            OwnAddresses = delivery.OwnAddresses,
            Contacts = delivery.Contacts,
            Now = services.Time.GetLocalNow(),
            Hostname = _scripts.Hostname,
        };
        var targets = new ScriptTargets(mailbox.Store, services.Limits, services.Time);
        return _evaluator.Run(
            delivery.Scripts, new SieveMessage(content, services.Limits), new ScriptFacts(context, mailbox.Store, targets, library), canReject: delivery.Request.Recipient is not null);
    }

    /// <summary>What a complete delivery leaves behind.</summary>
    public IReadOnlyList<(string Key, DateTimeOffset Expires)> MarksOf(ScriptedDelivery delivery)
    {
        var now = services.Time.GetUtcNow();
        var marks = new List<(string, DateTimeOffset)> { (ScriptMarks.OfDelivery(delivery.Message.Id), now + ScriptMarks.DeliveryLifetime) };
        marks.AddRange(delivery.Decision!.Marks.Select(m => (ScriptMarks.OfDuplicate(m.Key), now + m.Lifetime)));
        foreach (var (index, mail) in delivery.Mails.Index())
        {
            if (mail.Item is null) continue;
            marks.Add((ScriptMarks.OfSent(delivery.Message.Id, index), now + Hour));
            if (mail.Action is SieveVacation { Interval: var interval } reply && interval > TimeSpan.Zero) marks.Add((ScriptMarks.OfReply(reply), now + interval));
        }

        marks.AddRange(delivery.Notices.Keys.Select(kind => (ScriptMarks.OfNotice(kind), now + Day)));
        return marks;
    }

    /// <summary>Records which scripts did what.</summary>
    public void Trace(ScriptedDelivery delivery)
    {
        if (delivery.Decision is not { } decision) return;
        var what = new StringBuilder().AppendJoin("; ", delivery.Done.Count > 0 ? delivery.Done : ["discarded"]);
        if (decision.Error is { } error) what.Append("; error in ").Append(error);
        foreach (var remark in delivery.Remarks) what.Append("; ").Append(remark);
        _scripts.Trace?.Add(delivery.Message.Id, delivery.Request.Recipient?.ToString() ?? "", $"scripts {decision.Scripts}: {what}");
        mailbox.Log.Filtered(delivery.Message.Id, decision.Scripts, what.ToString());
    }

    private List<SieveAction> Limit(ScriptedDelivery delivery, IReadOnlyList<SieveAction> mails)
    {
        var allowed = new List<SieveAction>(mails.Count);
        if (mails.Count == 0) return allowed;
        var left = _scripts.Server.SendsPerHour - mailbox.Store.CountMarks(ScriptMarks.SentPrefix, Hour);
        foreach (var mail in mails)
        {
            if (mail is SieveVacation { Interval: var interval } reply && interval > TimeSpan.Zero && mailbox.Store.HasMark(ScriptMarks.OfReply(reply)))
            {
                delivery.Remarks.Add($"no automatic reply: {reply.Recipient} got one not long ago");
            }
            else if (left-- <= 0)
            {
                delivery.Remarks.Add($"did not {ScriptActionText.Of(mail)}: the scripts have sent too many messages within an hour");
                delivery.Notices["limit"] = $"Your scripts have sent {Quantity.Of(_scripts.Server.SendsPerHour, "message")} within an hour, which is the limit. Until there are fewer, mail that they redirect is kept here, and no automatic replies and notifications are sent.";
                if (mail is SieveRedirect) delivery.KeepsToo = true;
            }
            else
            {
                allowed.Add(mail);
            }
        }

        return allowed;
    }
}
