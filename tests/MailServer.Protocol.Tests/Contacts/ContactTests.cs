using System.Buffers;
using System.Text;
using MailServer.Protocol.Contacts;
using MailServer.Protocol.ContentLines;
using MailServer.Protocol.Tests.ContentLines;

namespace MailServer.Protocol.Tests.Contacts;

/// <summary>Cards, filters of addressbook-query, and both vCard versions (RFC 6352, RFC 6350, RFC 2426).</summary>
public sealed class ContactTests
{
    private static readonly ContactCard Card = Parse("""
        BEGIN:VCARD
        VERSION:3.0
        UID:urn:uuid:1
        FN:Daboo\, Cyrus
        N:Daboo;Cyrus;;;
        NICKNAME:me
        EMAIL;TYPE=HOME,PREF:cyrus@home.example
        item1.EMAIL;TYPE=WORK:cyrus@work.example
        BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15
        GEO:37.38;-122.08
        PHOTO;ENCODING=b;TYPE=JPEG:AAAABBBB
        X-ADDRESSBOOKSERVER-KIND:group
        X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:2
        END:VCARD
        """);

    public static TheoryData<string> Files() => ConformanceFiles.In("vcard", "*.vcf");

    [Fact]
    public void A_card_exposes_the_properties_that_the_server_needs()
    {
        Assert.Equal(("urn:uuid:1", "Daboo, Cyrus", "group", VCardVersion.V3), (Card.Uid, Card.FullName, Card.Kind, Card.Version));
        Assert.Equal(["cyrus@home.example", "cyrus@work.example"], Card.Emails);
        Assert.Equal(["urn:uuid:2"], Card.Members);
        Assert.Equal(["Daboo", "Cyrus", "", "", ""], Card.Name);
    }

    [Theory]
    [InlineData("", "valid-address-data")]
    [InlineData("BEGIN:VCARD\nVERSION:2.1\nUID:a\nFN:a\nEND:VCARD", "supported-address-data")]
    [InlineData("BEGIN:VCARD\nVERSION:3.0\nFN:a\nEND:VCARD", "valid-address-data")]
    [InlineData("BEGIN:VCARD\nVERSION:3.0\nUID:a\nEND:VCARD", "valid-address-data")]
    [InlineData("BEGIN:VCARD\nVERSION:3.0\nUID:a\nFN:a\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nUID:b\nFN:b\nEND:VCARD", "valid-address-data")]
    public void An_error_names_the_precondition(string text, string element)
    {
        Assert.False(ContactCard.TryParse(Encoding.UTF8.GetBytes(text), ContactLimits.Default, out _, out var fault));
        Assert.Equal(element, fault.Element);
    }

    [Theory]
    [InlineData("FN", "CYRUS", TextMatchType.Contains, true)]
    [InlineData("FN", "daboo, cyrus", TextMatchType.Equals, true)]
    [InlineData("FN", "daboo", TextMatchType.Equals, false)]
    [InlineData("FN", "daboo", TextMatchType.StartsWith, true)]
    [InlineData("FN", "cyrus", TextMatchType.EndsWith, true)]
    [InlineData("FN", "daboo", TextMatchType.EndsWith, false)]
    [InlineData("email", "work", TextMatchType.Contains, true)]
    [InlineData("item1.EMAIL", "home", TextMatchType.Contains, false)]
    [InlineData("TEL", "1", TextMatchType.Contains, false)]
    public void A_property_is_matched_by_text(string property, string text, TextMatchType type, bool matches) => Assert.Equal(matches, new ContactFilter
    {
        Properties = [new ContactPropertyFilter { Name = property, TextMatches = [new TextMatch(text, TextCollation.UnicodeCasemap, type)] }],
    }.Matches(Card));

    [Fact]
    public void One_or_all_conditions_must_match()
    {
        ContactPropertyFilter[] conditions = [new() { Name = "TEL" }, new() { Name = "NICKNAME" }];
        Assert.True(new ContactFilter { Test = FilterTest.AnyOf, Properties = conditions }.Matches(Card));
        Assert.False(new ContactFilter { Test = FilterTest.AllOf, Properties = conditions }.Matches(Card));
        Assert.True(new ContactFilter { Test = FilterTest.AllOf, Properties = [new() { Name = "TEL", IsNotDefined = true }, conditions[1]] }.Matches(Card));
        Assert.True(new ContactFilter().Matches(Card));
        var workOf = new ContactPropertyFilter
        {
            Name = "EMAIL",
            Test = FilterTest.AllOf,
            TextMatches = [new TextMatch("home", TextCollation.UnicodeCasemap)],
            Parameters = [new ParameterFilter { Name = "TYPE", TextMatch = new TextMatch("work", TextCollation.UnicodeCasemap, TextMatchType.Equals) }],
        };
        Assert.False(workOf.Matches(Card));
        Assert.True((workOf with { Test = FilterTest.AnyOf }).Matches(Card));
    }

    [Fact]
    public void Only_selected_properties_are_written() => Assert.Equal(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:urn:uuid:1\r\nNICKNAME:\r\nEND:VCARD\r\n",
        Write(Card, new AddressDataRequest { Properties = [new("VERSION", false), new("UID", false), new("NICKNAME", true)] }));

    [Fact]
    public void A_card_is_converted_to_the_other_version_and_back()
    {
        var text = Write(Card, new AddressDataRequest { Version = VCardVersion.V4 });
        foreach (var line in (string[])["VERSION:4.0", "EMAIL;TYPE=HOME;PREF=1:cyrus@home.example", "BDAY:--0415", "GEO:geo:37.38,-122.08", "PHOTO:data:image/jpeg;base64,AAAABBBB", "KIND:group", "MEMBER:urn:uuid:2"])
            Assert.Contains(line + "\r\n", text, StringComparison.Ordinal);
        var back = Write(Parse(text), new AddressDataRequest { Version = VCardVersion.V3 });
        foreach (var line in (string[])["VERSION:3.0", "EMAIL;TYPE=HOME;TYPE=PREF:cyrus@home.example", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-04-15", "GEO:37.38;-122.08", "PHOTO;ENCODING=b;TYPE=JPEG:AAAABBBB", "X-ADDRESSBOOKSERVER-KIND:group"])
            Assert.Contains(line + "\r\n", back, StringComparison.Ordinal);
    }

    [Fact]
    public void A_photo_of_several_megabytes_is_kept()
    {
        var photo = string.Concat(Enumerable.Repeat("\r\n " + new string('A', 74), 80_000));
        var card = Parse($"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:a\r\nFN:a\r\nPHOTO:data:image/png;base64,{photo}\r\nEND:VCARD\r\n");
        Assert.Equal(80_000 * 74 + 22, card.Root.Line("PHOTO")!.Value.Length);
        Assert.Contains("PHOTO;ENCODING=b;TYPE=PNG:AAA", Write(card, new AddressDataRequest { Version = VCardVersion.V3 }), StringComparison.Ordinal);
    }

    [ConformanceFiles.Required]
    [MemberData(nameof(Files))]
    public void A_real_file_is_parsed_or_refused_with_a_reason(string file)
    {
        var octets = ConformanceFiles.Read(file);
        if (!ContentComponentParser.TryRead(octets, ContactLimits.Default.Content, out var roots, out var fault))
        {
            Assert.Contains("ANDROID", file, StringComparison.Ordinal);
            Assert.NotNull(fault);
            return;
        }

        foreach (var root in roots)
        {
            var text = Encoding.UTF8.GetString(root.Raw.Span);
            var end = text.LastIndexOf("END:", StringComparison.OrdinalIgnoreCase);
            if (!ContactCard.TryParse(Encoding.UTF8.GetBytes(text[..end] + "UID:test\r\n" + text[end..]), ContactLimits.Default, out var card, out var wrong))
                Assert.Equal("supported-address-data", wrong.Element);
            else
                Parse(Write(card, new AddressDataRequest { Version = card.Version == VCardVersion.V3 ? VCardVersion.V4 : VCardVersion.V3 }));
        }
    }

    private static ContactCard Parse(string text) =>
        ContactCard.TryParse(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")), ContactLimits.Default, out var card, out var fault) ? card : throw new ArgumentException(fault.Reason);

    private static string Write(ContactCard card, AddressDataRequest data)
    {
        var output = new ArrayBufferWriter<byte>();
        data.Write(card, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
