using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

// The result of the running command.
public sealed partial class ImapSession
{
    private ImapResult? _result;
    private int _errors;

    /// <summary>The running command has failed.</summary>
    internal bool IsRefused => _result is { Status: not "OK" };

    /// <summary>Sets the result of the running command: <c>tag OK [code] text</c>.</summary>
    internal void Ok(string text, string? code = null) => _result = new ImapResult("OK", code, text);

    /// <summary>Sets the result of the running command to the response for <paramref name="refusal"/>.</summary>
    /// <param name="refusal">The reason.</param>
    /// <param name="detail">What the response code names, if anything.</param>
    internal void Refuse(ImapError refusal, string? detail = null)
    {
        var (isBad, code, text) = ImapErrors.TextOf(refusal);
        _result = new ImapResult(isBad ? "BAD" : "NO", detail is null ? code : $"{code} {detail}", text);
    }

    /// <summary>Sets the result of the running command from a failed mailbox request.</summary>
    internal void RefuseWithMailboxReply()
    {
        if (Reply is MailboxReply.ContentUnreadable { Uids: var uids }) RefuseUnreadable(uids);
        else Refuse(Reply is MailboxReply.Refused { Reason: var reason } ? ImapErrors.FromMailbox(reason) : ImapError.Unavailable);
    }

    /// <summary>Sets the result of the running command: some messages cannot be read; the others were processed.</summary>
    internal void RefuseUnreadable(IReadOnlyList<Uid> uids) => _result = ImapErrors.UnreadableMessages(uids);

    /// <summary>Sets the result of the running command: the value of an annotation is too large.</summary>
    internal void RefuseLargeAnnotation() => _result = ImapErrors.LargeAnnotation(Limits.AnnotationValue);

    /// <summary>OK for <see cref="MailboxReply.Done"/>, otherwise the failure.</summary>
    internal void Conclude(string text)
    {
        if (Reply is MailboxReply.Done) Ok(text);
        else RefuseWithMailboxReply();
    }

    /// <summary>Writes the result of the running command, unless it is already written.</summary>
    internal void WriteResult(string? tag)
    {
        if (_result is not { } result) return;
        _result = null;
        var writer = new ImapWriter(Output);
        result.Write(ref writer, tag);
        writer.Commit();
        // Only errors in a row show a client that is out of step.
        if (result.Status == "OK") _errors = 0;
        if (result.Status == "BAD" && ++_errors >= Limits.MaxErrors) Bye("Too many errors");
    }
}
