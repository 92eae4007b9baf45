using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>include</c> (RFC 6609 §3.2). Names of scripts are compared exactly.</summary>
internal sealed class IncludeCommand(SieveInclude script, bool once) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var isGlobal = arguments.OneOf(null, "personal", "global") == "global";
        var (once, isOptional) = (arguments.Flag("once"), arguments.Flag("optional"));
        var script = new SieveInclude(isGlobal, arguments.ConstantText("the name of the script"), isOptional);
        arguments.Checker.Includes.Add(script);
        return new IncludeCommand(script, once);
    }

    public override SieveFlow Run(SieveRun run)
    {
        var program = run.Facts.Script(script.IsGlobal, script.Name);
        if (program is null) return script.IsOptional ? SieveFlow.Next : throw new SieveFaultException($"the script '{script.Name}' cannot be included: it does not exist or has errors");
        if (run.Running.Contains(program)) throw new SieveFaultException($"the script '{script.Name}' includes itself");
        if (run.Running.Count > run.Limits.MaxIncludes) throw new SieveFaultException($"scripts include each other more than {run.Limits.MaxIncludes} deep");
        if (once && run.Included.Contains(program)) return SieveFlow.Next;
        var outer = run.Variables.Enter();
        var flow = run.RunProgram(program, script.Name);
        run.Variables.Leave(outer);
        return flow;
    }
}

/// <summary><c>global</c> (RFC 6609 §3.4.1).</summary>
internal sealed class GlobalCommand(IReadOnlyList<string> names) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        arguments.Checker.Require("variables", arguments.Offset, "'global'");
        var names = arguments.Texts("the names of variables").Select(static n => n.Constant ?? "").ToList();
        foreach (var name in names.Where(static n => !SieveText.IsVariableName(n))) arguments.Error($"'{name}' is not the name of a variable", "use letters, digits and _");
        return new GlobalCommand(names);
    }

    public override SieveFlow Run(SieveRun run)
    {
        foreach (var name in names) run.Variables.Share(name);
        return SieveFlow.Next;
    }
}
