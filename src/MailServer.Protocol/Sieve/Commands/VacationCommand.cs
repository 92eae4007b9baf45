using System.Security.Cryptography;
using System.Text;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>vacation</c> (RFC 5230) with <c>:seconds</c> (RFC 6131).</summary>
internal sealed class VacationCommand : SieveCommand
{
    private const int DefaultDays = 7;
    private const int MaxDays = 60;
    private const int MaxSubject = 512;

    private readonly TimeSpan _interval;
    private readonly SieveText? _subject;
    private readonly SieveText? _from;
    private readonly SieveText? _handle;
    private readonly IReadOnlyList<SieveText> _addresses;
    private readonly bool _isMime;
    private readonly Func<SieveRun, SieveTarget>? _copy;
    private readonly SieveText _reason;

    private VacationCommand(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Vacation;
        var days = arguments.NumberTag("days");
        var seconds = arguments.NumberTag("seconds", "vacation-seconds");
        if (days is not null && seconds is not null) arguments.Error("':days' and ':seconds' exclude each other");
        _interval = seconds is { } given ? TimeSpan.FromSeconds(Math.Min(given, MaxDays * 86_400L)) : TimeSpan.FromDays(Math.Clamp(days ?? DefaultDays, 1, MaxDays));
        _subject = arguments.TextTag("subject");
        _from = arguments.TextTag("from");
        _handle = arguments.TextTag("handle");
        _addresses = arguments.ListTag("addresses") ?? [];
        _isMime = arguments.Flag("mime");
        _copy = TargetArguments.ReadCopy(arguments);
        _reason = arguments.Text("the text of the reply");
    }

    public static SieveCommand Check(SieveArguments arguments) => new VacationCommand(arguments);

    public override SieveFlow Run(SieveRun run)
    {
        if (run.HasVacation) throw new SieveFaultException("'vacation' was used before in this run");
        run.HasVacation = true;
        if (run.Actions.Any(static a => a is SieveReject)) throw new SieveFaultException("the message is refused and also delivered or answered");
        if (AutoReply.Refusal(run, run.Expand(_addresses)) is { } refusal) run.Remarks.Add($"no automatic reply: {refusal}");
        else run.Add(Reply(run));
        return SieveFlow.Next;
    }

    private SieveVacation Reply(SieveRun run)
    {
        var (subject, from, reason) = (_subject?.Expand(run), _from?.Expand(run), _reason.Expand(run));
        var key = _handle is null ? $"{subject?.Length}:{subject}{from?.Length}:{from}{_isMime}{reason}" : $"handle:{_handle.Expand(run)}";
        var id = run.Header.First("Message-ID")?.Text;
        return new SieveVacation(
            run.Facts.Envelope.Sender,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))),
            _interval,
            SieveText.Cut(OneLine(subject ?? DefaultSubject(run)), MaxSubject),
            from,
            reason,
            _isMime,
            id,
            References(run, id),
            _copy?.Invoke(run));
    }

    private static string DefaultSubject(SieveRun run) =>
        run.Header.First("Subject") is { Text.Length: > 0 } subject ? $"Auto: {subject.Text}" : "Automated reply";

    // RFC 5322 §3.6.4
    private static string? References(SieveRun run, string? id)
    {
        if (id is null) return null;
        var before = run.Header.First("References")?.Text ?? run.Header.First("In-Reply-To")?.Text;
        return before is null || before.Length > MaxSubject ? id : $"{before} {id}";
    }

    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c)).Trim();
}
