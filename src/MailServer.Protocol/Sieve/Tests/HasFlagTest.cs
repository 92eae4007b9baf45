using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>hasflag</c> (RFC 5232 §4).</summary>
internal sealed class HasFlagTest(IReadOnlyList<SieveText>? variables, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var match = new MatchArguments(arguments);
        var variables = arguments.Left > 1 ? arguments.Texts("the names of variables") : null;
        if (variables is not null) FlagVariable.CheckAll(arguments, variables);
        // A key with spaces stands for several flags.
        var keys = arguments.Texts("the flags to compare with").SelectMany(static k => k.Constant is { } c && c.Contains(' ', StringComparison.Ordinal)
            ? c.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static w => new SieveText(w))
            : [k]);
        return new HasFlagTest(variables, match.With([.. keys]));
    }

    public override bool Evaluate(SieveRun run) =>
        matcher.Matches(variables is null ? run.Flags : variables.SelectMany(v => SieveFlags.Read([run.Variables.Get(v.Constant ?? "", -1, isGlobal: false)])), run);
}
