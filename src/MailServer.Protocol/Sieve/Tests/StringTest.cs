using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Matching;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>string</c> (RFC 5229 §5).</summary>
internal sealed class StringTest(IReadOnlyList<SieveText> sources, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var match = new MatchArguments(arguments);
        return new StringTest(arguments.Texts("the strings to test"), match.Keys());
    }

    public override bool Evaluate(SieveRun run)
    {
        var values = run.Expand(sources);
        return matcher.Type == SieveMatchType.Count ? matcher.MatchesCount(values.Count(static v => v.Length > 0), run) : matcher.Matches(values, run);
    }
}
