using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>body</c> (RFC 5173). Matches set no variables (§6).</summary>
internal sealed class BodyTest(string transform, IReadOnlyList<SieveText> types, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var match = new MatchArguments(arguments);
        var transform = arguments.OneOf(null, "raw", "text");
        var types = arguments.ListTag("content");
        if (types is not null && transform is not null) arguments.Error($"':content' and ':{transform}' exclude each other");
        return new BodyTest(types is null ? transform ?? "text" : "content", types ?? [], match.Keys(setsVariables: false));
    }

    // Without the blank line there is no body, not even an empty one (RFC 5173 §4).
    public override bool Evaluate(SieveRun run) => run.Message.HasBody && matcher.Matches(Values(run), run);

    private IEnumerable<string> Values(SieveRun run) => transform switch
    {
        "raw" => [run.Message.Root.Raw(run.Budget, run.Limits)],
        "text" => run.Message.Root.All().Select(p => ReadText(run, p)).OfType<string>(),
        _ => Contents(run),
    };

    private static string? ReadText(SieveRun run, SievePart part)
    {
        run.Budget.Step();
        return part.VisibleText(run.Budget, run.Limits);
    }

    // RFC 5173 §5.2
    private IEnumerable<string> Contents(SieveRun run)
    {
        var wanted = run.Expand(types);
        foreach (var part in run.Message.Root.All())
        {
            run.Budget.Step();
            var (type, subtype) = part.MediaType;
            if (!wanted.Any(w => IsType(w, type, subtype))) continue;
            if (part.IsMultipart) yield return part.AroundParts(run.Budget, run.Limits);
            else if (part.IsMessage) yield return part.Children[0].RawHeader(run.Budget);
            else yield return part.Text(run.Budget, run.Limits);
        }
    }

    private static bool IsType(string wanted, string type, string subtype)
    {
        if (wanted.Length == 0) return true;
        var slash = wanted.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return wanted.Equals(type, StringComparison.OrdinalIgnoreCase);
        // With a slash at an end or with two slashes nothing matches.
        return wanted.AsSpan(0, slash).Equals(type, StringComparison.OrdinalIgnoreCase) && wanted.AsSpan(slash + 1).Equals(subtype, StringComparison.OrdinalIgnoreCase);
    }
}
