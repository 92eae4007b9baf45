using MailServer.Protocol.Sieve.Composing;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Filtering;

/// <summary>A copy of the message that scripts want stored.</summary>
/// <param name="Target">The folder; null for where mail that no rule files goes.</param>
/// <param name="Flags">Flags and keywords.</param>
/// <param name="Header">The changed header; null if it is that of the message.</param>
/// <param name="Body">The changed body; null if it is that of the message.</param>
internal sealed record ScriptCopy(SieveTarget? Target, IReadOnlyList<string> Flags, IReadOnlyList<SieveField>? Header, SieveBody? Body = null)
{
    /// <summary>True if the copy is not the message as it was delivered.</summary>
    public bool IsChanged => Header is not null || Body is not null;
}

/// <summary>What all scripts of a delivery decided together.</summary>
internal sealed record ScriptDecision
{
    /// <summary>The copies to store; none if the message is discarded, refused or only sent on.</summary>
    public required IReadOnlyList<ScriptCopy> Copies { get; init; }

    /// <summary>The actions that send mail: redirects, automatic replies, notifications.</summary>
    public required IReadOnlyList<SieveAction> Mails { get; init; }

    public required IReadOnlyList<SieveMarkDuplicate> Marks { get; init; }

    /// <summary>The text with which the message is refused; null if it is not.</summary>
    public required string? Rejection { get; init; }

    /// <summary>What went wrong, for the account; null if nothing did.</summary>
    public required string? Error { get; init; }

    /// <summary>Actions that had no effect, and why.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>Which scripts ran, with their versions.</summary>
    public required string Scripts { get; init; }

    /// <summary>Every test and action, if it was asked for.</summary>
    public required IReadOnlyList<string> Trace { get; init; }

    /// <summary>
    /// What the scripts want for several addresses of the account, done as one: the same copy, mail or mark counts once, and the message is refused only if it is for every address.
    /// </summary>
    public static ScriptDecision Merge(IReadOnlyList<ScriptDecision> all)
    {
        if (all is [var only]) return only;
        var isRefused = all.All(static d => d.Rejection is not null);
        var remarks = all.SelectMany(static d => d.Remarks).Distinct(StringComparer.Ordinal).ToList();
        if (!isRefused && all.Any(static d => d.Rejection is not null)) remarks.Add("the message is not refused for one address, because another address of the account accepts it");
        return new ScriptDecision
        {
            Copies = [.. all.SelectMany(static d => d.Copies).DistinctBy(KeyOf)],
            Mails = [.. all.SelectMany(static d => d.Mails).DistinctBy(KeyOf)],
            Marks = [.. all.SelectMany(static d => d.Marks).DistinctBy(static m => m.Key)],
            Rejection = isRefused ? all[0].Rejection : null,
            Error = all.Select(static d => d.Error).FirstOrDefault(static e => e is not null),
            Remarks = remarks,
            Scripts = all[0].Scripts,
            Trace = [.. all.SelectMany(static d => d.Trace)],
        };
    }

    private static (SieveTarget?, string, string, string) KeyOf(ScriptCopy copy) => (
        copy.Target is { } target ? target with { Flags = null } : null, string.Join(' ', copy.Flags), copy.Header is { } header ? Convert.ToBase64String(AutomaticMail.Header(header)) : "",
        copy.Body is { } body ? string.Join(' ', body.Pieces.Select(static p => p.IsRange ? $"{p.Offset}+{p.Length}" : Convert.ToBase64String(p.Octets.Span))) : "");

    private static (string, string) KeyOf(SieveAction mail) =>
        (mail.GetType().Name, mail is SieveVacation reply ? ScriptMarks.OfReply(reply) : ScriptActionText.Of(mail));

    /// <summary>True if storing the copies is all that there is to do.</summary>
    public bool IsLocal => Mails.Count == 0 && Marks.Count == 0 && Error is null && Copies.Count > 0;
}
