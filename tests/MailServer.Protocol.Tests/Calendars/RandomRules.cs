using System.Globalization;
using CsCheck;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Random recurrence rules that other implementations expand as RFC 5545 does.</summary>
internal static class RandomRules
{
    private static readonly Gen<string> Weekday = Gen.OneOfConst("MO", "TU", "WE", "TH", "FR", "SA", "SU");

    private static readonly Gen<string> Numbered = Gen.Select(Gen.OneOfConst("1", "2", "4", "-1", "-2"), Weekday, (n, d) => n + d);

    /// <summary>Rules with one of the given frequencies.</summary>
    public static Gen<string> From(params string[] frequencies) => Gen.Select(Gen.OneOfConst(frequencies), Gen.Int[1, 4]).SelectMany((frequency, interval) =>
        Gen.Select(
            Maybe("BYMONTH", Gen.Int[1, 12].Select(Text)),
            Maybe("BYMONTHDAY", Gen.Int[-31, 31].Where(n => n != 0).Select(Text)),
            frequency is "YEARLY" or "MONTHLY" ? Gen.OneOf(Maybe("BYDAY", Weekday), Maybe("BYDAY", Numbered)) : Maybe("BYDAY", Weekday),
            frequency == "YEARLY" ? Gen.OneOf(Gen.Const(""), Gen.Const(""), Gen.Int[1, 53].Select(n => $";BYWEEKNO={n},-1;BYDAY=MO,SU,TH"), Gen.Int[-366, 366].Where(n => n != 0).Select(n => $";BYYEARDAY={n},{-n}")) : Gen.Const(""),
            Maybe("BYHOUR", Gen.Int[0, 23].Select(Text)),
            frequency == "WEEKLY" ? Gen.Const("") : Maybe("BYSETPOS", Gen.OneOfConst("1", "2", "-1")),
            Gen.OneOfConst("", "", ";COUNT=7", ";UNTIL=20150601T120000"),
            Gen.OneOfConst("", ";WKST=SU", ";WKST=WE"),
            (month, monthDay, day, special, hour, position, end, wkst) =>
                $"FREQ={frequency};INTERVAL={interval}{month}{(special.Length > 0 ? "" : monthDay)}{(special.Length > 0 ? special : day)}{hour}{position}{end}{wkst}"));

    private static Gen<string> Maybe(string name, Gen<string> value) =>
        Gen.OneOf(Gen.Const(""), value.Array[1, 3].Select(v => $";{name}={string.Join(',', v.Distinct())}"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
