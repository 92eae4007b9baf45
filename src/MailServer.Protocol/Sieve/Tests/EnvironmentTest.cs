using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>environment</c> (RFC 5183): an item that is not known matches nothing.</summary>
internal sealed class EnvironmentTest(SieveText item, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var match = new MatchArguments(arguments);
        return new EnvironmentTest(arguments.Text("the name of an item"), match.Keys());
    }

    public override bool Evaluate(SieveRun run) => run.Facts.Environment(item.Expand(run)) is { } value && matcher.Matches([value], run);
}
