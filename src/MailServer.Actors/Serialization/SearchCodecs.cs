using MailServer.Domain.Mailboxes;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for search criteria.</summary>
internal static class SearchCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Empty("search.all-1", new SearchCriteria.All()),
        Create<SearchCriteria.HasFlags>("search.flags-1", (w, m) => w.Number((ulong)m.Flags), r => new((SystemFlags)r.Number())),
        Create<SearchCriteria.HasKeyword>("search.keyword-1", (w, m) => w.Text(m.Keyword), r => new(r.Text())),
        Create<SearchCriteria.Recent>("search.recent-1", (w, m) => w.MaybeValue(m.From, u => w.Number(u.Value)), r => new(r.MaybeValue(() => new Uid((uint)r.Number())))),
        Create<SearchCriteria.Uids>("search.uids-1", (w, m) => w.UidSet(m.Set), r => new(r.UidSet())),
        Create<SearchCriteria.Header>("search.header-1", (w, m) => { w.Text(m.Field); w.Text(m.Value); }, r => new(r.Text(), r.Text())),
        Create<SearchCriteria.Body>("search.body-1", (w, m) => w.Text(m.Value), r => new(r.Text())),
        Create<SearchCriteria.AnyText>("search.text-1", (w, m) => w.Text(m.Value), r => new(r.Text())),
        Create<SearchCriteria.DateRange>(
            "search.dated-1",
            (w, m) => { w.Bool(m.Sent); w.MaybeValue(m.Since, d => w.Int(d.DayNumber)); w.MaybeValue(m.Before, d => w.Int(d.DayNumber)); },
            r => new(r.Bool(), r.MaybeValue(() => DateOnly.FromDayNumber(r.Int())), r.MaybeValue(() => DateOnly.FromDayNumber(r.Int())))),
        Create<SearchCriteria.ModSeqFrom>("search.modseq-1", (w, m) => w.Long(m.Value.Value), r => new(new ModSeq(r.Long()))),
        Create<SearchCriteria.SizeRange>(
            "search.sized-1", (w, m) => { w.MaybeValue(m.LargerThan, w.Long); w.MaybeValue(m.SmallerThan, w.Long); }, r => new(r.MaybeValue(r.Long), r.MaybeValue(r.Long))),
        Create<SearchCriteria.Age>(
            "search.age-1", (w, m) => { w.MaybeValue(m.Least, w.Long); w.MaybeValue(m.Most, w.Long); }, r => new(r.MaybeValue(r.Long), r.MaybeValue(r.Long))),
        Create<SearchCriteria.SavedRange>(
            "search.saved-1",
            (w, m) => { w.MaybeValue(m.Since, d => w.Int(d.DayNumber)); w.MaybeValue(m.Before, d => w.Int(d.DayNumber)); },
            r => new(r.MaybeValue(() => DateOnly.FromDayNumber(r.Int())), r.MaybeValue(() => DateOnly.FromDayNumber(r.Int())))),
        Create<SearchCriteria.EmailId>("search.email-id-1", (w, m) => w.Text(m.Value), r => new(r.Text())),
        Create<SearchCriteria.Not>("search.not-1", (w, m) => w.Message(m.Inner), r => new(r.Message<SearchCriteria>())),
        Create<SearchCriteria.And>("search.and-1", (w, m) => w.List(m.Inner, w.Message), r => new(r.List(r.Message<SearchCriteria>))),
        Create<SearchCriteria.Or>("search.or-1", (w, m) => { w.Message(m.Left); w.Message(m.Right); }, r => new(r.Message<SearchCriteria>(), r.Message<SearchCriteria>())),
    ];
}
