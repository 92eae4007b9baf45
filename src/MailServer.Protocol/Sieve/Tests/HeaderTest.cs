using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Tests;

/// <summary><c>header</c> (RFC 5228 §5.7) with the options of RFC 5703 §4.1.</summary>
internal sealed class HeaderTest(FieldSelection selection, Func<SieveRun, SieveField, IEnumerable<string>> values, IReadOnlyList<SieveText> names, SieveMatcher matcher) : SieveTest
{
    public static SieveTest Check(SieveArguments arguments)
    {
        var selection = new FieldSelection(arguments);
        var values = ReadOption(arguments, selection.IsMime);
        var match = new MatchArguments(arguments);
        return new HeaderTest(selection, values, arguments.Texts("the names of header fields"), match.Keys());
    }

    public override bool Evaluate(SieveRun run) => matcher.Matches(selection.Select(run, run.Expand(names)).SelectMany(f => values(run, f)), run);

    private static Func<SieveRun, SieveField, IEnumerable<string>> ReadOption(SieveArguments arguments, bool isMime)
    {
        var option = arguments.OneOf("mime", "type", "subtype", "contenttype");
        var parameters = arguments.ListTag("param", "mime");
        if ((option is not null || parameters is not null) && !isMime) arguments.Error($"':{option ?? "param"}' needs ':mime'");
        if (option is not null && parameters is not null) arguments.Error($"':{option}' and ':param' exclude each other");
        if (parameters is not null) return (run, field) => run.Expand(parameters).Select(p => MimeValue.Parameter(field, p)).OfType<string>();
        return option switch
        {
            "type" => static (_, field) => [MimeValue.Type(field)],
            "subtype" => static (_, field) => [MimeValue.Subtype(field)],
            "contenttype" => static (_, field) => [MimeValue.ContentTypeOf(field)],
            _ => static (_, field) => [field.Text],
        };
    }
}
