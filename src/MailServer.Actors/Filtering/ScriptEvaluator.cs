using System.Globalization;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Actors.Filtering;

/// <summary>
/// Runs the scripts of a delivery one after the other, as long as each leaves the message where it is (its implicit keep stands), and gathers what they want. An error ends the sequence: the
/// message is kept, and what earlier scripts wanted stays. All scripts share one budget.
/// </summary>
internal sealed class ScriptEvaluator(ServerScripts server)
{
    /// <param name="scripts">The scripts, in their order.</param>
    /// <param name="message">The message.</param>
    /// <param name="facts">What the scripts can ask.</param>
    /// <param name="canReject">The sender of the delivery understands a refusal.</param>
    /// <param name="traces">Whether each test and action is recorded.</param>
    public ScriptDecision Run(IReadOnlyList<CompiledScript> scripts, SieveMessage message, SieveFacts facts, bool canReject, bool traces = false)
    {
        var gathered = new Gathered();
        var budget = new SieveBudget(server.Limits);
        foreach (var script in scripts)
        {
            gathered.Keep = null;
            gathered.Ran.Add(script.Version.Length == 0 ? script.Title : $"{script.Title} ({script.Version})");
            if (script.Program is not { } program)
            {
                gathered.Fail(script.Fault!);
                break;
            }

            var outcome = RunOne(program, message, facts, budget, traces);
            gathered.Take(script, outcome, canReject);
            if (outcome.Error is not null || gathered.Keep is null) break;
        }

        return gathered.Decide();
    }

    // A fault of the interpreter must not stop the mail of the account.
    private SieveOutcome RunOne(SieveProgram program, SieveMessage message, SieveFacts facts, SieveBudget budget, bool traces)
    {
        try
        {
            return program.Run(message, facts, budget, server.Limits, traces);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or IndexOutOfRangeException or OverflowException or NullReferenceException or KeyNotFoundException)
        {
            return new SieveOutcome([new SieveKeep([], IsImplicit: true)], $"the server failed to run it ({e.GetType().Name}: {e.Message})", 0, null, [], []);
        }
    }

    private sealed class Gathered
    {
        private readonly List<ScriptCopy> _copies = [];
        private readonly List<SieveAction> _mails = [];
        private readonly List<SieveMarkDuplicate> _marks = [];
        private readonly List<string> _remarks = [];
        private readonly List<string> _trace = [];
        private readonly List<string> _flags = [];
        private IReadOnlyList<SieveField>? _header;
        private SieveBody? _body;
        private string? _rejection;
        private string? _error;

        public List<string> Ran { get; } = [];

        /// <summary>The implicit keep of the last script; null if it was cancelled.</summary>
        public SieveKeep? Keep { get; set; }

        public void Fail(string error) => (_error, Keep) = (error, new SieveKeep([], IsImplicit: true));

        public void Take(CompiledScript script, SieveOutcome outcome, bool canReject)
        {
            _remarks.AddRange(outcome.Remarks);
            _trace.AddRange(outcome.Trace.Select(t => Line(script, t)));
            foreach (var action in outcome.Actions) Take(action, canReject);
            if (outcome.Error is not { } error) return;
            var place = outcome.ErrorLine > 0 ? string.Create(CultureInfo.InvariantCulture, $", line {outcome.ErrorLine}") : "";
            _error = $"the script '{outcome.ErrorScript ?? script.Title}'{place}: {error}";
            // Mail is kept without the changes of scripts that failed.
            (_rejection, _header, _body) = (null, null, null);
        }

        public ScriptDecision Decide()
        {
            if (Keep is { } keep) _copies.Add(new ScriptCopy(null, [.. keep.Flags.Union(_flags, StringComparer.OrdinalIgnoreCase)], _header, _body));
            if (_rejection is not null && _copies.Count + _mails.Count > 0)
            {
                _remarks.Add("the message is not refused, because another script stores it or sends it on");
                _rejection = null;
            }

            return new ScriptDecision
            {
                Copies = _copies,
                Mails = _mails,
                Marks = _marks,
                Rejection = _rejection,
                Error = _error,
                Remarks = _remarks,
                Scripts = string.Join(", ", Ran),
                Trace = _trace,
            };
        }

        private void Take(SieveAction action, bool canReject)
        {
            switch (action)
            {
                case SieveKeep { IsImplicit: true } keep:
                    Keep = keep;
                    // The next script begins anew; what this one did to the message is not forgotten.
                    _flags.AddRange(keep.Flags);
                    if (keep.Header is not null || keep.Body is not null) (_header, _body) = (keep.Header, keep.Body);
                    break;
                case SieveKeep keep:
                    _copies.Add(new ScriptCopy(null, keep.Flags, keep.Header, keep.Body));
                    break;
                case SieveFileInto into:
                    _copies.Add(new ScriptCopy(into.Target, into.Target.Flags ?? [], into.Header, into.Body));
                    break;
                case SieveReject when !canReject:
                    Keep = new SieveKeep([], IsImplicit: true);
                    _remarks.Add("the message is not refused: a server of an older version received it");
                    break;
                case SieveReject reject:
                    _rejection = reject.Reason;
                    break;
                case SieveMarkDuplicate mark:
                    _marks.Add(mark);
                    break;
                case SieveRedirect or SieveVacation or SieveNotify:
                    _mails.Add(action);
                    break;
            }
        }

        private static string Line(CompiledScript script, SieveTraceEntry entry)
        {
            var result = entry.Result switch { null => "", true => ": true", false => ": false" };
            return string.Create(CultureInfo.InvariantCulture, $"{entry.Script ?? script.Title}:{entry.Line}: {entry.What}{result}");
        }
    }
}
