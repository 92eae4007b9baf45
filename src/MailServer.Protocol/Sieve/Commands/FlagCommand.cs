using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>setflag</c>, <c>addflag</c> and <c>removeflag</c> (RFC 5232 §3).</summary>
internal sealed class FlagCommand(FlagChange change, string? variable, IReadOnlyList<SieveText> flags) : SieveCommand
{
    private const int MaxFlags = 256;

    public static Func<SieveArguments, SieveCommand> Check(FlagChange change) => arguments =>
    {
        var variable = arguments.Left > 1 ? arguments.Text("the name of a variable") : null;
        if (variable is not null) FlagVariable.CheckAll(arguments, [variable]);
        return new FlagCommand(change, variable?.Constant, arguments.Texts("the flags"));
    };

    public override SieveFlow Run(SieveRun run)
    {
        var old = variable is null ? run.Flags : SieveFlags.Read([run.Variables.Get(variable, -1, isGlobal: false)]);
        var given = SieveFlags.Read(run.Expand(flags));
        run.Budget.Charge(16L * (old.Count + given.Count));
        var changed = change switch
        {
            FlagChange.Set => given,
            FlagChange.Add => SieveFlags.Read(old.Concat(given)),
            _ => old.Except(given, StringComparer.OrdinalIgnoreCase).ToList(),
        };
        if (changed.Count > MaxFlags) throw new SieveFaultException($"the script sets more than {MaxFlags} flags");
        if (variable is null) run.Flags = changed;
        else run.Variables.Set(variable, isGlobal: false, string.Join(' ', changed));
        return SieveFlow.Next;
    }
}

internal enum FlagChange
{
    Set,
    Add,
    Remove,
}
