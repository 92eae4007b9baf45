using MailServer.Domain.Formatting;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Filtering;

/// <summary>Describes what scripts want, for traces and for people who try their scripts.</summary>
internal static class ScriptActionText
{
    public static IReadOnlyList<string> Of(ScriptDecision decision)
    {
        var lines = new List<string>();
        if (decision.Rejection is { } reason) lines.Add($"refuse the message: {OneLine(reason)}");
        lines.AddRange(decision.Copies.Select(Of));
        lines.AddRange(decision.Mails.Select(Of));
        if (lines.Count == 0) lines.Add("discard the message");
        lines.AddRange(decision.Marks.Select(static m => $"remember the message as seen for {Quantity.Of((long)m.Lifetime.TotalSeconds, "second")}"));
        return lines;
    }

    public static string Of(SieveAction action) => action switch
    {
        SieveRedirect { IsList: true } redirect => $"redirect it to the list {redirect.Address}",
        SieveRedirect redirect => $"redirect it to {redirect.Address}",
        SieveVacation reply => $"reply to {reply.Recipient}: {OneLine(reply.Subject)}",
        SieveNotify notify => $"notify {string.Join(", ", notify.Mail.To.Concat(notify.Mail.Cc))}",
        _ => action.GetType().Name,
    };

    private static string Of(ScriptCopy copy)
    {
        var flags = copy.Flags.Count == 0 ? "" : $" with the flags {string.Join(' ', copy.Flags)}";
        var changed = copy.Body is not null ? ", with a changed body" : copy.Header is not null ? ", with a changed header" : "";
        return copy.Target switch
        {
            null => $"keep it{flags}{changed}",
            { SpecialUse: { } use } target => $"store it in the folder for {use}, or in '{target.Mailbox}'{flags}{changed}",
            { } target => $"store it in '{target.Mailbox}'{(target.Creates ? ", which is created if it is missing" : "")}{flags}{changed}",
        };
    }

    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
}
