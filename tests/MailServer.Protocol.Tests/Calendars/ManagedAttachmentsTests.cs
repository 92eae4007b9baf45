using System.Text;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Attachments of single instances (RFC 8607 §3.3.2).</summary>
public sealed class ManagedAttachmentsTests
{
    private const string Zone = "TZID=Berlin made by hand";
    private static readonly ManagedAttachment Note = new("id1", "text/plain", "note.txt", "hello"u8.ToArray());

    [Theory]
    // The rule crosses the change to summer time on 29 March.
    [InlineData($"DTSTART;{Zone}:20260328T100000\nDTEND;{Zone}:20260328T113000\nRRULE:FREQ=DAILY;COUNT=4", "20260330T080000Z", $"DTSTART;{Zone}:20260330T100000|DTEND;{Zone}:20260330T113000|RECURRENCE-ID;{Zone}:20260330T100000")]
    [InlineData($"DTSTART;{Zone}:20260328T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4", "20260330T100000", $"DTSTART;{Zone}:20260330T100000|DURATION:PT1H|RECURRENCE-ID;{Zone}:20260330T100000")]
    [InlineData("DTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330\nRRULE:FREQ=WEEKLY;COUNT=4", "20260404", "DTSTART;VALUE=DATE:20260404|DTEND;VALUE=DATE:20260406|RECURRENCE-ID;VALUE=DATE:20260404")]
    [InlineData("DTSTART:20260328T100000Z\nRDATE:20260401T120000Z", "20260401T120000Z", "DTSTART:20260401T120000Z|RECURRENCE-ID:20260401T120000Z")]
    [InlineData("DTSTART:20260328T100000\nRRULE:FREQ=DAILY;COUNT=4", "20260329T100000", "DTSTART:20260329T100000|RECURRENCE-ID:20260329T100000")]
    public void An_instance_without_an_override_gets_one(string times, string instance, string expected)
    {
        var calendar = CalendarText.Event(times + "\nSUMMARY:Swim");
        var components = Components(Rewrite(calendar, null, Note, [instance]));
        Assert.Equal(2, components.Count);
        Assert.DoesNotContain("ATTACH", components[0], StringComparison.Ordinal);
        foreach (var line in expected.Split('|')) Assert.Contains(line + "\n", components[1], StringComparison.Ordinal);
        foreach (var line in (string[])["SUMMARY:Swim\n", "ATTACH;MANAGED-ID=id1;FMTTYPE=text/plain;SIZE=5;FILENAME=note.txt:https://mx.example/a\n"]) Assert.Contains(line, components[1], StringComparison.Ordinal);
        Assert.DoesNotContain("RRULE", components[1], StringComparison.Ordinal);
        Assert.DoesNotContain("RDATE", components[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("20260401T080000Z")]
    [InlineData("20260330T081500Z")]
    [InlineData("20260330")]
    [InlineData("20260329T080000Z")]
    [InlineData("soon")]
    public void An_instance_that_does_not_exist_is_refused(string instance)
    {
        var calendar = CalendarText.Event($"DTSTART;{Zone}:20260328T100000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;{Zone}:20260329T100000");
        Assert.Null(Rewrite(calendar, null, Note, [instance]));
        Assert.Null(Rewrite(calendar, null, Note, ["M", instance]));
    }

    [Fact]
    public void An_instance_that_a_later_override_moves_keeps_its_new_time()
    {
        var calendar = CalendarText.Event(
            "DTSTART:20260328T100000Z\nDTEND:20260328T110000Z\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:Swim",
            CalendarText.Override("RECURRENCE-ID;RANGE=THISANDFUTURE:20260329T100000Z\nDTSTART:20260329T120000Z\nDTEND:20260329T140000Z\nSUMMARY:Run"));
        var made = Components(Rewrite(calendar, null, Note, ["20260330T100000Z"]))[2];
        foreach (var line in (string[])["DTSTART:20260330T120000Z\n", "DTEND:20260330T140000Z\n", "RECURRENCE-ID:20260330T100000Z\n", "SUMMARY:Run\n"]) Assert.Contains(line, made, StringComparison.Ordinal);
        Assert.DoesNotContain("RANGE", made, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attachment_of_all_instances_is_removed_from_one()
    {
        var calendar = CalendarText.Event("DTSTART:20260328T100000Z\nRRULE:FREQ=DAILY;COUNT=4\nATTACH;MANAGED-ID=old:https://mx.example/old\nATTACH;MANAGED-ID=other:https://mx.example/other");
        var components = Components(Rewrite(calendar, "old", null, ["20260330T100000Z"]));
        Assert.Contains("MANAGED-ID=old", components[0], StringComparison.Ordinal);
        Assert.DoesNotContain("MANAGED-ID=old", components[1], StringComparison.Ordinal);
        Assert.Contains("MANAGED-ID=other", components[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Two_names_of_one_instance_make_one_override()
    {
        var calendar = CalendarText.Event($"DTSTART;{Zone}:20260328T100000\nRRULE:FREQ=DAILY;COUNT=4");
        var components = Components(Rewrite(calendar, null, Note, ["20260330T080000Z", "20260330T100000", "M", "M"]));
        Assert.Equal(2, components.Count);
        Assert.All(components, static c => Assert.Equal(2, c.Split("ATTACH;").Length));
    }

    [Fact]
    public void Copies_of_a_large_component_are_limited_by_the_size_of_an_object()
    {
        var calendar = CalendarText.Event($"DTSTART:20260101T100000Z\nRRULE:FREQ=DAILY\nDESCRIPTION:{new string('x', 1_000_000)}");
        string[] instances = [.. Enumerable.Range(2, 20).Select(static day => $"202601{day:00}T100000Z")];
        Assert.False(ManagedAttachments.TryRewrite(calendar, null, Note, "https://mx.example/a", instances, out _, out var precondition));
        Assert.Equal("max-resource-size", precondition);
        Assert.NotNull(Rewrite(calendar, null, Note, instances[..8]));
    }

    [Fact]
    public void Lines_that_are_not_affected_are_copied()
    {
        var calendar = CalendarText.Event("DTSTART:20260328T100000Z\nsummary;X-ODD=\"1\":Swim\nDESCRIPTION:folded\n  here");
        Assert.StartsWith(
            Encoding.UTF8.GetString(calendar.Text.Span).Split("END:VEVENT")[0], Encoding.UTF8.GetString(Rewrite(calendar, null, Note)!),
            StringComparison.Ordinal);
    }

    private static byte[]? Rewrite(CalendarObject calendar, string? removed, ManagedAttachment? added, params string[] instances)
    {
        if (ManagedAttachments.TryRewrite(calendar, removed, added, "https://mx.example/a", instances, out var text, out var precondition)) return text;
        Assert.Equal("valid-rid", precondition);
        return null;
    }

    /// <summary>The VEVENTs of an object, unfolded, with LF.</summary>
    private static List<string> Components(byte[]? text)
    {
        Assert.NotNull(text);
        Assert.True(CalendarObject.TryParse(text, CalendarLimits.Default, out _, out var fault), fault?.Reason);
        return [.. Encoding.UTF8.GetString(text).ReplaceLineEndings("\n").Replace("\n ", "", StringComparison.Ordinal).Split("BEGIN:VEVENT\n").Skip(1)];
    }
}
