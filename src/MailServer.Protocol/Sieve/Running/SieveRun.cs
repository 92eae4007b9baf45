using MailServer.Domain.Formatting;
using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Reading;

namespace MailServer.Protocol.Sieve.Running;

/// <summary>The state of one run of a script over one message.</summary>
internal sealed class SieveRun
{
    private readonly SieveFacts _facts;
    private readonly SieveBudget _budget;
    private readonly SieveLimits _limits;
    private readonly bool _traces;
    private readonly List<SieveAction> _actions = [];
    private readonly List<SieveTraceEntry> _trace = [];
    private SieveProgram _program = null!;
    private string? _script;
    private int _offset;

    public SieveRun(SieveMessage message, SieveFacts facts, SieveBudget budget, SieveLimits limits, bool traces)
    {
        (_facts, _budget, _limits, _traces) = (facts, budget, limits, traces);
        (Message, Header) = (message, new SieveHeader(message, limits));
        Variables = new SieveVariables(limits, budget);
        Change = new SieveChange(this);
    }

    /// <summary>The message as it is now.</summary>
    public SieveMessage Message { get; private set; }

    public SieveFacts Facts => _facts;

    public SieveBudget Budget => _budget;

    public SieveLimits Limits => _limits;

    public SieveVariables Variables { get; }

    public SieveHeader Header { get; private set; }

    /// <summary>The changes of the body.</summary>
    public SieveChange Change { get; }

    /// <summary>The internal variable of imap4flags (RFC 5232 §2).</summary>
    public List<string> Flags { get; set; } = [];

    public List<string> Remarks { get; } = [];

    /// <summary>Whether nothing has cancelled the implicit keep (RFC 5228 §2.10.2). It is one for all included scripts.</summary>
    public bool KeepsImplicitly { get; set; } = true;

    /// <summary>Whether <c>vacation</c> was used; a second time is an error (RFC 5230 §4.7).</summary>
    public bool HasVacation { get; set; }

    /// <summary>The MIME part of the innermost loop (RFC 5703 §3); null outside of loops.</summary>
    public SievePart? Part { get; set; }

    /// <summary>The name of the loop that a break ends; null for the innermost one.</summary>
    public string? BreaksOutOf { get; set; }

    public IReadOnlyList<SieveAction> Actions => _actions;

    /// <summary>Scripts that were included with <c>:once</c> or otherwise, and those that are running now.</summary>
    public HashSet<SieveProgram> Included { get; } = [];

    public List<SieveProgram> Running { get; } = [];

    public SieveOutcome Execute(SieveProgram program)
    {
        try
        {
            RunProgram(program);
            if (KeepsImplicitly) _actions.Add(Change.Stamp(new SieveKeep(SieveFlags.Read(Flags), IsImplicit: true)));
            return new SieveOutcome(_actions, null, 0, null, Remarks, _trace);
        }
        catch (SieveFaultException fault)
        {
            return Fail(fault.Message);
        }
    }

    /// <summary>Runs a script, and returns to the one that includes it.</summary>
    /// <param name="program">The script.</param>
    /// <param name="name">Its name if it is included.</param>
    public SieveFlow RunProgram(SieveProgram program, string? name = null)
    {
        var (outer, script, offset) = (_program, _script, _offset);
        (_program, _script) = (program, name);
        Running.Add(program);
        Included.Add(program);
        var flow = RunBlock(program.Commands);
        Running.RemoveAt(Running.Count - 1);
        (_program, _script, _offset) = (outer, script, offset);
        return flow == SieveFlow.Return ? SieveFlow.Next : flow;
    }

    public SieveFlow RunBlock(IReadOnlyList<SieveCommand> commands)
    {
        foreach (var command in commands)
        {
            _offset = command.Offset;
            _budget.Step();
            if (_traces) _trace.Add(new SieveTraceEntry(_script, _program.LineOf(command.Offset), command.Name, null));
            var flow = command.Run(this);
            if (flow != SieveFlow.Next) return flow;
        }

        return SieveFlow.Next;
    }

    public bool Test(SieveTest test)
    {
        _budget.Step();
        var result = test.Evaluate(this);
        if (_traces) _trace.Add(new SieveTraceEntry(_script, _program.LineOf(test.Offset), test.Name, result));
        return result;
    }

    public IReadOnlyList<string> Expand(IReadOnlyList<SieveText> texts)
    {
        var values = new string[texts.Count];
        for (var i = 0; i < values.Length; i++) values[i] = texts[i].Expand(this);
        return values;
    }

    /// <summary>Adds an action. A message is either refused or delivered (RFC 5429 §2.4).</summary>
    public void Add(SieveAction action)
    {
        var refused = _actions.Exists(static a => a is SieveReject);
        if (action is SieveReject && refused) throw new SieveFaultException("the message is refused twice");
        if ((refused && (action.Delivers || action is SieveVacation)) || (action is SieveReject && _actions.Exists(static a => a.Delivers || a is SieveVacation)))
            throw new SieveFaultException("the message is refused and also delivered or answered");
        if (_actions.Count >= _limits.MaxActions) throw new SieveFaultException($"the script takes more than {Quantity.Of(_limits.MaxActions, "action")}");
        if (action is SieveRedirect && _actions.Count(static a => a is SieveRedirect) >= _limits.MaxRedirects)
            throw new SieveFaultException($"the script redirects the message more than {Quantity.Of(_limits.MaxRedirects, "time")}");
        _actions.Add(Change.Stamp(action));
    }

    /// <summary>Replaces an action that asks for the same again (RFC 5228 §2.10.3).</summary>
    public void Replace(SieveAction old, SieveAction action) => _actions[_actions.IndexOf(old)] = action with { Header = old.Header, Body = old.Body };

    /// <summary>Tests and actions now see another message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="header">Its header, if it is not that of the delivered message.</param>
    public void Use(SieveMessage message, IReadOnlyList<SieveField>? header) => (Message, Header) = (message, new SieveHeader(message, _limits, header));

    private SieveOutcome Fail(string error)
    {
        var line = _program.LineOf(_offset);
        // No flags, no changes: what the script did until now must not hide the message.
        return new SieveOutcome([new SieveKeep([], IsImplicit: true)], error, line, _script, Remarks, _trace);
    }
}
