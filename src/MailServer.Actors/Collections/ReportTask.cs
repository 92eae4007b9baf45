using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Dav.Properties;
using MailServer.Protocol.Dav.Reports;
using MailServer.Protocol.Scheduling;

namespace MailServer.Actors.Collections;

/// <summary>A report in progress: evaluates pages from the store and combines the results into one answer.</summary>
internal abstract class ReportTask
{
    private CollectionReply.Page? _page;
    private int _next;

    /// <summary>The next request to the store.</summary>
    public abstract CollectionRequest Request { get; }

    /// <summary>True if the answer has reached its maximum size.</summary>
    public abstract bool IsFull { get; }

    public bool IsPageDone => _page is null || _next >= _page.Resources.Count;

    /// <summary>Continuation value for the next page; null at the end and before the first page.</summary>
    public long? Next => _page?.Next;

    protected long After { get; set; }

    /// <summary>The collection as of the last page.</summary>
    protected CollectionInfo Collection => _page!.Collection;

    public void Take(CollectionReply.Page page)
    {
        (_page, _next) = (page, 0);
        After = page.Next ?? After;
    }

    /// <summary>Evaluates the rest of the page until time is up, but at least one resource.</summary>
    public void Evaluate(Func<bool> hasTime)
    {
        while (!IsPageDone)
        {
            Add(_page!.Resources[_next++]);
            if (!hasTime()) return;
        }
    }

    /// <summary>The results up to the end of the last page.</summary>
    public abstract CollectionReply Answer();

    protected abstract void Add(ResourceEntry entry);

    /// <summary>Selects the resources of a query or multiget.</summary>
    public sealed class Searching(CollectionRequest.Search search, ReportSelection selection, int maxOctets) : ReportTask
    {
        private readonly List<ResourceEntry> _found = [];
        private readonly bool _isPlanned = search.Names is null;
        private long _octets;

        public override CollectionRequest Request => search.Names is { } names
            ? new CollectionRequest.ReadMany(search.Path, names, WithBody: true) { Sharee = search.Sharee }
            : new CollectionRequest.Query(search.Path, Math.Max(After, search.After), selection.Plan) { Sharee = search.Sharee };

        public override bool IsFull => _octets >= maxOctets;

        public override CollectionReply Answer() => new CollectionReply.Page(Collection, [], _found, Next);

        protected override void Add(ResourceEntry entry)
        {
            if (selection.Select(entry, _isPlanned) is not { } selected) return;
            _found.Add(selected);
            _octets += selected.Body.Length;
        }
    }

    /// <summary>Determines the busy times of a calendar.</summary>
    public sealed class FindingBusyTimes(CollectionRequest.ListBusyTimes asked) : ReportTask
    {
        private readonly FreeBusyBuilder _busy = new(new TimeRange(asked.Start, asked.End), FloatingZones.Read(asked.FloatingZone), CalendarLimits.Default);
        private readonly QueryPlan _plan = QueryPlan.Everything with
        {
            Components = CalendarComponents.Event | CalendarComponents.FreeBusy,
            First = asked.Start?.ToUnixTimeSeconds() ?? long.MinValue,
            Last = asked.End?.ToUnixTimeSeconds() ?? long.MaxValue,
        };

        public override CollectionRequest Request => new CollectionRequest.Query(asked.Path, Math.Max(After, asked.After), _plan) { Sharee = asked.Sharee };

        public override bool IsFull => _busy.IsTruncated;

        public override CollectionReply Answer() => new CollectionReply.BusyTimes(_busy.Periods, _busy.IsTruncated, Next);

        protected override void Add(ResourceEntry entry)
        {
            if (!_busy.IsTruncated && CalendarObject.TryParse(entry.Body, CalendarLimits.Default, out var calendar, out _)) _busy.Add(calendar, asked.Attendee);
        }
    }
}
