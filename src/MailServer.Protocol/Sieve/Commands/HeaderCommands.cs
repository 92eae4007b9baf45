using MailServer.Protocol.Sieve.Bounds;
using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Matching;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>addheader</c> (RFC 5293 §4).</summary>
internal sealed class AddHeaderCommand(bool atEnd, SieveText name, SieveText value) : SieveCommand
{
    internal const int FieldCost = 8;

    private const int MaxValue = 8_192;

    public static SieveCommand Check(SieveArguments arguments)
    {
        var atEnd = arguments.Flag("last");
        var name = arguments.Text("the name of the header field");
        HeaderName.Check(arguments, name);
        return new AddHeaderCommand(atEnd, name, arguments.Text("the value"));
    }

    public override SieveFlow Run(SieveRun run)
    {
        var field = HeaderName.Read(run, name);
        // A line break would end the field.
        var text = value.Expand(run).Replace("\r\n", " ", StringComparison.Ordinal).Trim();
        if (text.Length > MaxValue) throw new SieveFaultException($"the value of '{field}' is longer than {MaxValue} characters");
        if (text.Any(static c => char.IsControl(c) && c != '\t')) throw new SieveFaultException($"the value of '{field}' contains a control character");
        // Each change copies the list, so that earlier actions keep theirs.
        run.Budget.Charge(text.Length + (FieldCost * run.Header.Fields.Count));
        if (HeaderName.IsProtected(field)) run.Remarks.Add($"the header field '{field}' cannot be added");
        else run.Header.Add(SieveField.Create(field, text), atEnd);
        return SieveFlow.Next;
    }
}

/// <summary><c>deleteheader</c> (RFC 5293 §5).</summary>
internal sealed class DeleteHeaderCommand(long index, bool fromEnd, SieveText name, SieveMatcher? matcher) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var index = arguments.NumberTag("index");
        var fromEnd = arguments.Flag("last");
        if (fromEnd && index is null) arguments.Error("':last' needs ':index'");
        if (index == 0) arguments.Error("':index' counts from 1");
        var match = new MatchArguments(arguments);
        var name = arguments.Text("the name of the header field");
        HeaderName.Check(arguments, name);
        return new DeleteHeaderCommand(index ?? 0, fromEnd, name, arguments.Left > 0 ? match.Keys() : null);
    }

    public override SieveFlow Run(SieveRun run)
    {
        var field = HeaderName.Read(run, name);
        var fields = run.Header.Find(field);
        run.Budget.Charge(AddHeaderCommand.FieldCost * run.Header.Fields.Count);
        if (HeaderName.IsProtected(field))
        {
            if (fields.Count > 0) run.Remarks.Add($"the header field '{field}' cannot be deleted");
            return SieveFlow.Next;
        }

        if (matcher?.Type == SieveMatchType.Count)
        {
            if (matcher.MatchesCount(Chosen(fields).Count(), run)) run.Header.Remove([.. Chosen(fields)]);
            return SieveFlow.Next;
        }

        run.Header.Remove([.. Chosen(fields).Where(f => matcher is null || matcher.Matches([f.Text], run))]);
        return SieveFlow.Next;
    }

    /// <summary>All fields, or the one of the index.</summary>
    private IEnumerable<SieveField> Chosen(IReadOnlyList<SieveField> fields)
    {
        if (index == 0) return fields;
        var at = fromEnd ? fields.Count - index : index - 1;
        return at >= 0 && at < fields.Count ? [fields[(int)at]] : [];
    }
}

/// <summary>The names of header fields that are changed.</summary>
internal static class HeaderName
{
    // Trace, loop protection and signatures must stay what they are.
    private static readonly HashSet<string> Protected = new(["Received", "Auto-Submitted", "Authentication-Results", "DKIM-Signature"], StringComparer.OrdinalIgnoreCase);

    public static void Check(SieveArguments arguments, SieveText name)
    {
        if (name.Constant is { } constant && !IsName(constant)) arguments.Error($"'{constant}' is not the name of a header field");
    }

    public static string Read(SieveRun run, SieveText name) =>
        name.Expand(run) is var text && IsName(text) ? text : throw new SieveFaultException($"'{text}' is not the name of a header field");

    public static bool IsProtected(string name) => Protected.Contains(name) || name.StartsWith("ARC-", StringComparison.OrdinalIgnoreCase);

    // RFC 5322 §3.6.8 field-name
    private static bool IsName(string text) => text.Length is > 0 and < 256 && text.All(static c => c is >= '!' and <= '~' and not ':');
}
