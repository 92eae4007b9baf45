using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>set</c> (RFC 5229 §4).</summary>
internal sealed class SetCommand(SetModifiers modifiers, VariableName name, SieveText value) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var modifiers = new SetModifiers(arguments);
        var name = VariableName.Read(arguments);
        return new SetCommand(modifiers, name, arguments.Text("the value"));
    }

    public override SieveFlow Run(SieveRun run)
    {
        var text = value.Expand(run);
        run.Budget.Charge(text.Length);
        run.Variables.Set(name.Name, name.IsGlobal, modifiers.Apply(text, run.Limits.MaxVariable));
        return SieveFlow.Next;
    }
}

/// <summary>The name of a variable that is set: without a namespace, or with <c>global</c> (RFC 6609 §3.4.2).</summary>
internal sealed record VariableName(string Name, bool IsGlobal)
{
    private const string Global = "global.";

    public static VariableName Read(SieveArguments arguments)
    {
        var text = arguments.ConstantText("the name of the variable");
        var isGlobal = text.StartsWith(Global, StringComparison.OrdinalIgnoreCase);
        if (isGlobal) arguments.Checker.Require("include", arguments.Offset, "a global variable");
        var name = isGlobal ? text[Global.Length..] : text;
        if (text.Length > 0 && !SieveText.IsVariableName(name)) arguments.Error($"'{text}' is not the name of a variable", "use letters, digits and _");
        return new VariableName(name, isGlobal);
    }
}
