using System.Buffers;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars.Reports;

/// <summary>Writes many calendar objects as one VCALENDAR, with each time zone only once: the response to GET on a calendar.</summary>
public sealed class CalendarExport
{
    internal const string Product = "-//mailserver//EN";

    private readonly ContentWriter _output;
    private readonly HashSet<string> _zones = new(StringComparer.Ordinal);

    /// <summary>Writes the beginning of the VCALENDAR.</summary>
    public CalendarExport(IBufferWriter<byte> output, string? name)
    {
        _output = new ContentWriter(output);
        _output.Begin("VCALENDAR");
        _output.WriteLine("VERSION:2.0");
        _output.WriteLine("PRODID:" + Product);
        if (name is null)
            return;
        _output.WriteLine("NAME:" + ContentText.Escape(name));
        _output.WriteLine("X-WR-CALNAME:" + ContentText.Escape(name));
    }

    public void Add(CalendarObject calendar)
    {
        foreach (var component in calendar.Root.Components)
        {
            if (component.Name != "VTIMEZONE" || _zones.Add(ZoneName.DefinedBy(component.Lines) ?? ""))
                _output.WriteStored(component.Raw.Span);
        }
    }

    /// <summary>Writes the end of the VCALENDAR.</summary>
    public void End() => _output.End("VCALENDAR");
}
