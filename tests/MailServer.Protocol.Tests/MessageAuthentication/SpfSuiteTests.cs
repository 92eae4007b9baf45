using System.Globalization;
using System.Net;
using MailServer.Domain.Dns;
using MailServer.Protocol.MessageAuthentication.Spf;

namespace MailServer.Protocol.Tests.MessageAuthentication;

/// <summary>Every case of the RFC 7208 test suite, with its own zones.</summary>
public sealed class SpfSuiteTests
{
    private static readonly Lazy<IReadOnlyList<YamlMap>> Suite = new(() =>
        PublicSuite.Find("spf") is { } folder ? PublicSuite.Read(Path.Combine(folder, "rfc7208-tests.yml")) : []);

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var scenario in Suite.Value)
            foreach (var (name, _) in scenario.Map("tests").Pairs) cases.Add(scenario.Text("description"), name);
        return cases;
    }

    [SuiteTheory("spf")]
    [MemberData(nameof(Cases))]
    public async Task Each_case_has_the_expected_result(string scenario, string name)
    {
        var document = Suite.Value.Single(d => d.Text("description") == scenario);
        var test = document.Map("tests").Map(name);
        var query = new SpfQuery(IPAddress.Parse(test.Text("host")), test.Text("helo"), test.Text("mailfrom")) { Receiver = "receiver.example" };
        var outcome = await new SpfEvaluator(Zone(document.Map("zonedata")), TimeProvider.System).EvaluateAsync(query, CancellationToken.None);
        Assert.True(
            test.Texts("result").Contains(outcome.Result.ToString(), StringComparer.OrdinalIgnoreCase),
            $"{outcome.Result} instead of {string.Join('/', test.Texts("result"))}: {string.Join('\n', outcome.Steps)}");
        if (test.Find("explanation") is string explanation) Assert.Equal(explanation, outcome.Explanation ?? "DEFAULT");
    }

    private static ZoneLookup Zone(YamlMap data)
    {
        var zone = new ZoneLookup();
        foreach (var (name, records) in data.Pairs)
        {
            var items = (List<object>)records;
            var hasText = items.OfType<YamlMap>().Any(r => r.Find("TXT") is not null);
            foreach (var item in items)
            {
                if (item is string) zone.Fail(name);
                else if (((YamlMap)item).Pairs[0] is var (type, value)) AddRecord(zone, name, type, value, hasText);
            }
        }

        return zone;
    }

    // Records of type SPF stand for TXT unless the name has TXT of its own.
    private static void AddRecord(ZoneLookup zone, string name, string type, object value, bool hasText)
    {
        if (type == "SPF" && !hasText) zone.Text(name, Join(value));
        else if (type == "TXT" && value is not "NONE") zone.Text(name, Join(value));
        else if (type is "A" or "AAAA") zone.Add(name, type, IPAddress.Parse((string)value));
        else if (type is "PTR" or "CNAME") zone.Add(name, type, value);
        else if (type == "MX" && value is List<object> parts)
            zone.Add(name, type, new MailExchange(int.Parse((string)parts[0], CultureInfo.InvariantCulture), (string)parts[1]));
    }

    private static string Join(object value) => value is List<object> parts ? string.Concat(parts.Cast<string>()) : (string)value;
}
