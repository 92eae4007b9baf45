using System.Globalization;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Matching;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>spamtest</c> (RFC 5235 §3.2).</summary>
internal sealed class SpamTest(bool isPercent, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Spam;
        var isPercent = arguments.Flag("percent", "spamtestplus");
        var match = new MatchArguments(arguments);
        return new SpamTest(isPercent, match.With([arguments.Text("the value to compare with")]));
    }

    public override bool Evaluate(SieveRun run)
    {
        var percent = run.Facts.SpamPercent;
        if (matcher.Type == SieveMatchType.Count) return matcher.MatchesCount(percent is null ? 0 : 1, run);
        var known = Math.Clamp(percent ?? 0, 0, 100);
        var value = isPercent || percent is null ? known : 1 + (known * 9 / 100);
        return matcher.Matches([value.ToString(CultureInfo.InvariantCulture)], run);
    }
}

/// <summary><c>virustest</c> (RFC 5235 §3.3).</summary>
internal sealed class VirusTest(SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        arguments.Checker.Needs |= SieveNeeds.Virus;
        var match = new MatchArguments(arguments);
        return new VirusTest(match.With([arguments.Text("the value to compare with")]));
    }

    public override bool Evaluate(SieveRun run)
    {
        var score = run.Facts.VirusScore;
        return matcher.Type == SieveMatchType.Count
            ? matcher.MatchesCount(score is null ? 0 : 1, run)
            : matcher.Matches([Math.Clamp(score ?? 0, 0, 5).ToString(CultureInfo.InvariantCulture)], run);
    }
}
