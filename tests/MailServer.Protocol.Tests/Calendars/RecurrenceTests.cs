using System.Globalization;
using MailServer.Protocol.Calendars.Recurrence;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>The examples of RFC 5545 §3.8.5.3, all in local time of New York in 1997 and 1998.</summary>
public sealed class RecurrenceTests
{
    [Theory]
    [InlineData("19970902T090000", "FREQ=DAILY;COUNT=10", "0902 0903 0904 0905 0906 0907 0908 0909 0910 0911")]
    [InlineData("19970902T090000", "FREQ=DAILY;INTERVAL=10;COUNT=5", "0902 0912 0922 1002 1012")]
    [InlineData("19970902T090000", "FREQ=WEEKLY;COUNT=10", "0902 0909 0916 0923 0930 1007 1014 1021 1028 1104")]
    [InlineData("19970902T090000", "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "0902 0904 0909 0911 0916 0918 0923 0925 0930 1002")]
    [InlineData("19970901T090000", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971001T000000;WKST=SU;BYDAY=MO,WE,FR", "0901 0903 0905 0915 0917 0919 0929")]
    [InlineData("19970902T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "0902 0904 0916 0918 0930 1002 1014 1016")]
    [InlineData("19970905T090000", "FREQ=MONTHLY;COUNT=4;BYDAY=1FR", "0905 1003 1107 1205")]
    [InlineData("19970907T090000", "FREQ=MONTHLY;INTERVAL=2;COUNT=4;BYDAY=1SU,-1SU", "0907 0928 1102 1130")]
    [InlineData("19970922T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=-2MO", "0922 1020 1117")]
    [InlineData("19970928T090000", "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=-3", "0928 1029 1128")]
    [InlineData("19970902T090000", "FREQ=MONTHLY;COUNT=6;BYMONTHDAY=2,15", "0902 0915 1002 1015 1102 1115")]
    [InlineData("19970930T090000", "FREQ=MONTHLY;COUNT=4;BYMONTHDAY=1,-1", "0930 1001 1031 1101")]
    [InlineData("19970610T090000", "FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "0610 0710 0610 0710")]
    [InlineData("19970101T090000", "FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", "0101 0410 0719 0101")]
    [InlineData("19970519T090000", "FREQ=YEARLY;COUNT=3;BYDAY=20MO", "0519 0518 0517")]
    [InlineData("19970512T090000", "FREQ=YEARLY;COUNT=3;BYWEEKNO=20;BYDAY=MO", "0512 0511 0517")]
    [InlineData("19970512T090000", "FREQ=YEARLY;COUNT=3;BYWEEKNO=20", "0512 0511 0517")]
    [InlineData("19970313T090000", "FREQ=YEARLY;COUNT=4;BYMONTH=3;BYDAY=TH", "0313 0320 0327 0305")]
    [InlineData("19980213T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=FR;BYMONTHDAY=13", "0213 0313 1113")]
    [InlineData("19970913T090000", "FREQ=MONTHLY;COUNT=4;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", "0913 1011 1108 1213")]
    [InlineData("19961105T090000", "FREQ=YEARLY;INTERVAL=4;COUNT=3;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1105 1107 1102")]
    [InlineData("19970904T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "0904 1007 1106")]
    [InlineData("19970929T090000", "FREQ=MONTHLY;COUNT=7;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "0929 1030 1127 1230 0129 0226 0330")]
    [InlineData("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "0805 0810 0819 0824")]
    [InlineData("19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "0805 0817 0819 0831")]
    [InlineData("20070115T090000", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "0115 0130 0215 0315 0330")]
    [InlineData("19970902T090000", "FREQ=DAILY;UNTIL=19970904", "0902 0903 0904")]
    [InlineData("19970131T090000", "FREQ=MONTHLY;COUNT=4", "0131 0331 0531 0731")]
    public void Days(string start, string rule, string days) =>
        Assert.Equal(days, string.Join(' ', Expand(start, rule, start).Select(t => t.ToString("MMdd", CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000", "09:00 12:00 15:00")]
    [InlineData("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "09:00 09:15 09:30 09:45 10:00 10:15")]
    [InlineData("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "09:00 10:30 12:00 13:30")]
    [InlineData("FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,20,40;COUNT=7", "09:00 09:20 09:40 10:00 10:20 10:40 09:00")]
    [InlineData("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10;COUNT=7", "09:00 09:20 09:40 10:00 10:20 10:40 09:00")]
    public void Times(string rule, string times) =>
        Assert.Equal(times, string.Join(' ', Expand("19970902T090000", rule, "19970902T090000").Select(t => t.ToString("HH:mm", CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("FREQ=DAILY")]
    [InlineData("FREQ=DAILY;COUNT=20000")]
    [InlineData("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TU")]
    [InlineData("FREQ=MONTHLY;INTERVAL=5;BYDAY=-1FR")]
    [InlineData("FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1,53;BYDAY=SU")]
    [InlineData("FREQ=HOURLY;INTERVAL=7;BYDAY=TH")]
    public void Starting_a_rule_at_a_later_time_finds_the_same_instances(string rule)
    {
        const string Start = "19970902T090000";
        var seek = new DateTime(2011, 5, 5);
        var all = Expand(Start, rule, Start, 30_000).Where(t => t >= seek).Take(20);
        Assert.Equal(all, Expand(Start, rule, "20110505T000000", 30_000).Where(t => t >= seek).Take(20));
    }

    [Theory]
    [InlineData("INTERVAL=1")]
    [InlineData("FREQ=DAILY;INTERVAL=0")]
    [InlineData("FREQ=DAILY;INTERVAL=-1")]
    [InlineData("FREQ=DAILY;COUNT=x")]
    [InlineData("FREQ=3")]
    [InlineData("FREQ=")]
    [InlineData("FREQ=DAILY;BYMONTH=13")]
    [InlineData("FREQ=DAILY;BYDAY=XX")]
    [InlineData("FREQ=DAILY;BYMONTHDAY=0")]
    [InlineData("FREQ=DAILY;UNTIL=tomorrow")]
    [InlineData("DAILY")]
    public void An_invalid_rule_is_refused(string rule) => Assert.False(RecurrenceRuleParser.TryParse(rule, out _));

    private static IEnumerable<DateTime> Expand(string start, string rule, string seek, int most = 100)
    {
        Assert.True(RecurrenceRuleParser.TryParse(rule, out var parsed));
        return new RecurrenceIterator(parsed, Time(start), zone: null, new WorkBudget(1_000_000)).From(Time(seek)).Take(most);
    }

    private static DateTime Time(string text) => DateTime.ParseExact(text, "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
}
