using System.Globalization;
using System.Text;
using MailServer.Domain.Messages;
using MailServer.Protocol.MessageAuthentication;
using MailServer.Protocol.MessageAuthentication.Arc;
using MailServer.Protocol.MessageAuthentication.AuthenticationResults;

namespace MailServer.Protocol.Tests.MessageAuthentication;

/// <summary>Every case of the public ARC suite: validation and sealing.</summary>
public sealed class ArcSuiteTests
{
    private const int MaxHeader = 256 * 1024;
    private static readonly Lazy<IReadOnlyList<YamlMap>> Validation = new(() => Load("arc-draft-validation-tests.yml"));
    private static readonly Lazy<IReadOnlyList<YamlMap>> Signing = new(() => Load("arc-draft-sign-tests.yml"));

    public static TheoryData<int, int, string> ValidationCases() => Cases(Validation.Value);

    public static TheoryData<int, int, string> SigningCases() => Cases(Signing.Value);

    [SuiteTheory("arc")]
    [MemberData(nameof(ValidationCases))]
    public async Task Each_chain_has_the_expected_state(int document, int index, string name)
    {
        var suite = Validation.Value[document];
        var test = (YamlMap)suite.Map("tests").Pairs[index].Value;
        var outcome = await new ArcValidator(Zone(suite)).ValidateAsync(ArcChain.Read(Message(test)), CancellationToken.None);
        // An empty value stands for a last seal with cv=fail, for which RFC 8617 §5.2 has only one state.
        var expected = test.Text("cv").Trim() is { Length: > 0 } state ? state : "Fail";
        Assert.True(expected == outcome.Result.ToString(), $"{name}: {outcome.Result} instead of {expected}: {outcome.Reason}");
    }

    [SuiteTheory("arc")]
    [MemberData(nameof(SigningCases))]
    public async Task Each_message_is_sealed_as_in_the_suite(int document, int index, string name)
    {
        var suite = Signing.Value[document];
        var test = (YamlMap)suite.Map("tests").Pairs[index].Value;
        var message = Message(test);
        var chain = ArcChain.Read(message);
        using var key = DkimKey.ParsePem(suite.Text("domain"), suite.Text("sel"), suite.Text("privatekey"));
        var outcome = await new ArcValidator(Zone(suite)).ValidateAsync(chain, CancellationToken.None);
        var sealedFields = ArcSealer.Seal(chain, outcome.Result, key, new ArcSealOptions
        {
            AuthservId = test.Text("srv-id"),
            Results = AuthenticationResultsReader.Read(message.Header, test.Text("srv-id")),
            SignedNames = test.Text("sig-headers").Split(':'),
            Now = DateTimeOffset.FromUnixTimeSeconds(long.Parse(test.Text("t"), CultureInfo.InvariantCulture)),
        });
        if (test.Text("AS").Trim().Length == 0)
        {
            Assert.True(sealedFields is null, name);
            return;
        }

        string[] expected = ["ARC-Seal: " + test.Text("AS"), "ARC-Message-Signature: " + test.Text("AMS"), "ARC-Authentication-Results: " + test.Text("AAR")];
        var actual = sealedFields!.Replace("\r\n\t", " ", StringComparison.Ordinal).Split("\r\n");
        Assert.Equal(expected[1..].Select(Unfold), actual[1..3].Select(Unfold));
        // A seal signs the folding of the signature below it, which is the sealer's choice: its own b= cannot be compared, but must verify.
        Assert.Equal(WithoutSignature(expected[0]), WithoutSignature(actual[0]));
        var again = await ValidateAsync(sealedFields + Text(test), suite);
        Assert.Equal(outcome.Result == ArcResult.Fail ? ArcResult.Fail : ArcResult.Pass, again.Result);
    }

    private static Task<ArcOutcome> ValidateAsync(string message, YamlMap suite) =>
        new ArcValidator(Zone(suite)).ValidateAsync(ArcChain.Read(SignedMessage.Read(new InMemoryContent(Encoding.UTF8.GetBytes(message)), MaxHeader)!), CancellationToken.None);

    private static string WithoutSignature(string seal)
    {
        var text = Unfold(seal);
        var start = text.IndexOf("b=", StringComparison.Ordinal);
        return text.Remove(start, text.IndexOf(';', start) - start);
    }

    private static IReadOnlyList<YamlMap> Load(string file) =>
        PublicSuite.Find("arc") is { } folder ? PublicSuite.Read(Path.Combine(folder, file)) : [];

    private static TheoryData<int, int, string> Cases(IReadOnlyList<YamlMap> suite)
    {
        var cases = new TheoryData<int, int, string>();
        for (var d = 0; d < suite.Count; d++)
            for (var t = 0; t < suite[d].Map("tests").Pairs.Count; t++) cases.Add(d, t, suite[d].Map("tests").Pairs[t].Key);
        return cases;
    }

    private static SignedMessage Message(YamlMap test) => SignedMessage.Read(new InMemoryContent(Encoding.UTF8.GetBytes(Text(test))), MaxHeader)!;

    private static string Text(YamlMap test) => test.Text("message").Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal);

    private static ZoneLookup Zone(YamlMap suite)
    {
        var zone = new ZoneLookup();
        foreach (var (name, value) in suite.Map("txt-records").Pairs) zone.Text(name, Unfold((string)value));
        return zone;
    }

    private static string Unfold(string text) => string.Join(' ', text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
