using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>foreverypart</c> (RFC 5703 §3): all parts of the message, or those inside the current one.</summary>
internal sealed class ForEveryPartCommand(string name, IReadOnlyList<SieveCommand> block) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var name = arguments.ConstantTag("name") ?? "";
        arguments.Checker.Loops.Add(name);
        var block = arguments.Block();
        arguments.Checker.Loops.RemoveAt(arguments.Checker.Loops.Count - 1);
        return new ForEveryPartCommand(name, block);
    }

    public override SieveFlow Run(SieveRun run)
    {
        var outer = run.Part;
        if (outer is null) run.Change.BeginLoop();
        var parts = outer is null ? run.Message.Root.All() : outer.Children.SelectMany(static c => c.All());
        var flow = SieveFlow.Next;
        foreach (var part in parts)
        {
            run.Budget.Step();
            run.Part = part;
            flow = run.RunBlock(block);
            if (flow != SieveFlow.Next) break;
        }

        run.Part = outer;
        return flow == SieveFlow.Break && (run.BreaksOutOf is null || run.BreaksOutOf == name) ? SieveFlow.Next : flow;
    }
}

/// <summary><c>break</c> (RFC 5703 §3.2).</summary>
internal sealed class BreakCommand(string? name) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var name = arguments.ConstantTag("name");
        var loops = arguments.Checker.Loops;
        if (loops.Count == 0) arguments.Error("'break' stands outside of 'foreverypart'");
        else if (name is not null && !loops.Contains(name)) arguments.Error($"no 'foreverypart' around 'break' has the name '{name}'");
        return new BreakCommand(name);
    }

    public override SieveFlow Run(SieveRun run)
    {
        run.BreaksOutOf = name;
        return SieveFlow.Break;
    }
}

/// <summary><c>extracttext</c> (RFC 5703 §7): the text of the current part; empty if it is not text.</summary>
internal sealed class ExtractTextCommand(SetModifiers modifiers, long first, VariableName name) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        arguments.Checker.Require("variables", arguments.Offset, "'extracttext'");
        if (arguments.Checker.Loops.Count == 0) arguments.Error("'extracttext' stands outside of 'foreverypart'");
        var modifiers = new SetModifiers(arguments);
        var first = arguments.NumberTag("first") ?? int.MaxValue;
        return new ExtractTextCommand(modifiers, first, VariableName.Read(arguments));
    }

    public override SieveFlow Run(SieveRun run)
    {
        var text = (run.Part ?? run.Message.Root).VisibleText(run.Budget, run.Limits) ?? "";
        if (first < text.Length) text = SieveText.Cut(text, (int)first);
        run.Variables.Set(name.Name, name.IsGlobal, modifiers.Apply(text, run.Limits.MaxVariable));
        return SieveFlow.Next;
    }
}
