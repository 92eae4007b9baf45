using System.Buffers;
using System.Globalization;
using MailServer.Actors.Filtering;
using MailServer.Actors.Submission;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Composing;
using MailServer.Protocol.Sieve.Running;
using MailServer.Protocol.Smtp.Headers;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Mailboxes;

/// <summary>Stores what scripts want stored: copies of the message, also with a changed header or body; copies of replies; and what the account is told. All of them become durable together.</summary>
internal sealed class ScriptCopies(RecoverableMailbox mailbox, StagedMessages staged, MailboxServices services)
{
    private readonly ScriptServices _scripts = services.Scripts!;

    /// <summary>True if the delivery leaves no marks and sends nothing.</summary>
    public static bool IsOnlyStored(ScriptedDelivery delivery) => delivery.Decision!.IsLocal && delivery.Notices.Count == 0;

    /// <summary>Stages everything; the continuation gets the reply after the commit, or a refusal.</summary>
    public void Stage(ScriptedDelivery delivery, Action<MailboxReply> then)
    {
        var copies = new List<NewCopy>();
        var targets = new ScriptTargets(mailbox.Store, services.Limits, services.Time, staged.Commit);
        foreach (var copy in CopiesOf(delivery)) Add(delivery, copies, copy, targets);
        foreach (var mail in delivery.Mails) AddSent(delivery, copies, mail, targets);
        AddNotices(delivery, copies);
        if (copies.Count == 0) then(MailboxReply.Done.Instance);
        else staged.StageCopies(copies, delivery.Message.Id, then);
    }

    public void RemoveAttempts(ScriptedDelivery delivery)
    {
        foreach (var attempt in delivery.Attempts) _scripts.Spool.Remove(attempt);
        delivery.Attempts.Clear();
    }

    /// <summary>Removes messages that are not sent.</summary>
    public void Discard(IEnumerable<PreparedScriptMail> mails)
    {
        foreach (var mail in mails)
            if (mail.Attempt is { } attempt) _scripts.Spool.Remove(attempt.Id);
    }

    /// <summary>A message that cannot be redirected is kept, whatever the script said.</summary>
    private static IEnumerable<ScriptCopy> CopiesOf(ScriptedDelivery delivery)
    {
        var copies = delivery.Decision!.Copies;
        var mustKeep = delivery.KeepsToo || delivery.Mails.Any(static m => m is { Action: SieveRedirect, Item: null });
        return mustKeep && !copies.Any(static c => c.Target is null) ? copies.Append(new ScriptCopy(null, [], null)) : copies;
    }

    private void Add(ScriptedDelivery delivery, List<NewCopy> copies, ScriptCopy copy, ScriptTargets targets)
    {
        var folder = copy.Target is { } target ? targets.Resolve(target, delivery.Remarks) : targets.Default(delivery.Request.Folder);
        var flags = ScriptFlags.Of(copy.Flags);
        var message = !copy.IsChanged ? delivery.Message : Changed(delivery, copy, copies.Count);
        // The same copy in the same folder is one (RFC 5228 §2.10.3).
        var same = copies.FindIndex(c => c.Folder == folder && c.Message.Id == message.Id);
        if (same >= 0) copies[same] = copies[same] with { Flags = copies[same].Flags.Apply(FlagOperation.Add, flags) };
        else copies.Add(new NewCopy(folder, flags, message));
        if (same < 0) delivery.Done.Add($"stored in {folder}");
    }

    private static void AddSent(ScriptedDelivery delivery, List<NewCopy> copies, PreparedScriptMail mail, ScriptTargets targets)
    {
        if (mail.Obstacle is { } why) delivery.Remarks.Add($"did not {ScriptActionText.Of(mail.Action)}: {why}");
        if (mail is not { Item: not null, Attempt: { } attempt }) return;
        delivery.Done.Add($"{Verb(mail.Action)} {mail.Recipients}");
        var target = mail.Action switch { SieveVacation reply => reply.Copy, SieveNotify notify => notify.Copy, _ => null };
        if (target is not null) copies.Add(new NewCopy(targets.Resolve(target, delivery.Remarks), ScriptFlags.Of(target.Flags ?? ["\\Seen"]), attempt, IsOptional: true));
    }

    private static string Verb(SieveAction action) => action switch
    {
        SieveRedirect => "redirected to",
        SieveVacation => "replied to",
        _ => "notified",
    };

    /// <summary>A copy with another header or body is another message: it gets an id of its own, which is the same whenever the delivery is repeated.</summary>
    private SpooledMessage Changed(ScriptedDelivery delivery, ScriptCopy copy, int index)
    {
        using var content = _scripts.Spool.Open(delivery.Message.Id);
        if (HeaderSectionReader.Read(content, services.Limits.MaxHeaderSize) is not { } header) return delivery.Message;
        using var buffer = _scripts.Spool.BeginAttempt(IdOf(delivery, string.Create(CultureInfo.InvariantCulture, $"C{index}")));
        buffer.Write(copy.Header is { } changed ? AutomaticMail.Header(changed) : header);
        ChangedBody.Write(buffer, content, copy.Body, header.Length);
        return Commit(delivery, buffer);
    }

    private void AddNotices(ScriptedDelivery delivery, List<NewCopy> copies)
    {
        foreach (var (kind, text) in delivery.Notices.ToArray())
        {
            if (mailbox.Store.HasMark(ScriptMarks.OfNotice(kind))) delivery.Notices.Remove(kind);
            else if (mailbox.OwnerAddress is { } owner) copies.Add(new NewCopy(FolderName.Inbox, MessageFlags.None, Notice(delivery, kind, text, owner), IsOptional: true));
        }
    }

    private SpooledMessage Notice(ScriptedDelivery delivery, string kind, string text, EmailAddress owner)
    {
        var id = IdOf(delivery, "T" + kind);
        var (subject, body) = kind == "error"
            ? ("A rule for your mail does not work", $"A rule for your mail failed: {text}.\n\nThe message about which it was to decide was kept. You are told at most once a day; until the rule is corrected, other messages may be kept where you do not expect them.\n")
            : ("Your rules send too much mail", text + "\n");
        var from = EmailAddress.Parse($"postmaster@{_scripts.Hostname}");
        var origin = new AutomaticMailOrigin(from, owner, $"<{id.Value}@{_scripts.Hostname}>", MailDate.Format(services.Time.GetLocalNow()));
        using var buffer = _scripts.Spool.BeginAttempt(id);
        TraceFields.WriteReturnPath(buffer, null);
        buffer.Write(AutomaticMail.Notice(owner, subject, body, origin));
        return Commit(delivery, buffer);
    }

    private SpooledMessage Commit(ScriptedDelivery delivery, SpoolBuffer buffer)
    {
        var message = _scripts.Spool.Commit(buffer, []) with { ReceivedAt = delivery.Message.ReceivedAt };
        delivery.Attempts.Add(message.Id);
        return message;
    }

    private SpoolId IdOf(ScriptedDelivery delivery, string part) => delivery.Message.Id.Derive(string.Create(CultureInfo.InvariantCulture, $"A{mailbox.Account.Value}{part}"));
}

/// <summary>A message to store in a folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Flags">The flags of the copy.</param>
/// <param name="Message">The message in the spool.</param>
/// <param name="IsOptional">Not a copy of the delivered message: it never decides whether the delivery succeeds.</param>
internal sealed record NewCopy(FolderName Folder, MessageFlags Flags, SpooledMessage Message, bool IsOptional = false);
