using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using MailServer.Protocol.Dav;
using MailServer.Protocol.Dav.Push;

namespace MailServer.Protocol.Tests.Dav;

public sealed class WebPushTests
{
    // RFC 8291, Appendix A.
    private const string ClientKey = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    private const string Secret = "BTBZMqHH6r4Tts7J_aSIgg";

    [Fact]
    public void Encryption_matches_the_example_of_RFC_8291()
    {
        var point = Decode("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        using var own = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
            Q = new ECPoint { X = point[1..33], Y = point[33..] },
        });
        var body = WebPushEncryption.Encrypt("When I grow up, I want to be a watermelon"u8, Decode(ClientKey), Decode(Secret), own, Decode("DGv6ra1nlYgDCS1FRnbzlw"));
        Assert.Equal(
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
            Base64Url.EncodeToString(body));
    }

    [Fact]
    public void A_key_that_is_not_a_point_on_the_curve_is_refused()
    {
        Assert.True(WebPushEncryption.IsPublicKey(Decode(ClientKey)));
        var wrong = Decode(ClientKey);
        wrong[40] ^= 1;
        Assert.False(WebPushEncryption.IsPublicKey(wrong));
        Assert.False(WebPushEncryption.IsPublicKey(new byte[65]));
        Assert.False(WebPushEncryption.IsPublicKey([]));
    }

    [Fact]
    public void The_server_signs_its_VAPID_identity_for_each_push_service()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var vapid = new VapidSigner(key, "mailto:postmaster@example.org", TimeProvider.System);
        var header = vapid.Authorization(new Uri("https://push.example.net/abc?x"));
        var token = header["vapid t=".Length..header.IndexOf(',', StringComparison.Ordinal)];
        var parts = token.Split('.');
        Assert.True(key.VerifyData(Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256));
        Assert.Contains("\"aud\":\"https://push.example.net\"", Encoding.UTF8.GetString(Decode(parts[1])), StringComparison.Ordinal);
        Assert.EndsWith($"k={vapid.PublicKey}", header, StringComparison.Ordinal);
        Assert.Equal(header, vapid.Authorization(new Uri("https://push.example.net/other")));
        Assert.NotEqual(header, vapid.Authorization(new Uri("https://push.example.com/")));
        Assert.NotEqual(vapid.TopicOf(1, 23), vapid.TopicOf(12, 3));
    }

    [Theory]
    [InlineData("http://push.example.net/a", ClientKey, Secret, "<P:content-update/>", "invalid-subscription")]
    [InlineData("https://u:p@push.example.net/a", ClientKey, Secret, "<P:content-update/>", "invalid-subscription")]
    [InlineData("/relative", ClientKey, Secret, "<P:content-update/>", "invalid-subscription")]
    [InlineData("https://push.example.net/a", "AAAA", Secret, "<P:content-update/>", "invalid-subscription")]
    [InlineData("https://push.example.net/a", ClientKey, "AAAA", "<P:content-update/>", "invalid-subscription")]
    [InlineData("https://push.example.net/a", ClientKey, "not base64!", "<P:content-update/>", "invalid-subscription")]
    [InlineData("https://push.example.net/a", ClientKey, Secret, "", "no-supported-trigger")]
    public void An_unusable_subscription_is_refused_with_its_precondition(string resource, string key, string secret, string trigger, string condition)
    {
        var refused = Assert.Throws<DavException>(() => PushRegistrationRequest.Parse(Register(resource, key, secret, trigger)));
        Assert.Equal((403, condition), (refused.Status, refused.Condition?.LocalName));
    }

    [Fact]
    public void A_subscription_is_parsed_with_its_target_and_triggers()
    {
        var register = PushRegistrationRequest.Parse(Register("https://push.example.net/a", ClientKey, Secret, "<P:content-update/><P:property-update/>"));
        Assert.Equal((true, true, "https://push.example.net/a"), (register.OnContentUpdate, register.OnPropertyUpdate, register.Resource.AbsoluteUri));
        Assert.Equal(16, register.AuthSecret.Length);
    }

    private static XElement Register(string resource, string key, string secret, string trigger) => XElement.Parse(
        "<P:push-register xmlns:P='https://bitfire.at/webdav-push'><P:subscription><P:web-push-subscription>"
        + $"<P:push-resource>{resource}</P:push-resource><P:subscription-public-key type='p256dh'>{key}</P:subscription-public-key><P:auth-secret>{secret}</P:auth-secret>"
        + $"</P:web-push-subscription></P:subscription><P:trigger>{trigger}</P:trigger></P:push-register>");

    private static byte[] Decode(string text) => Base64Url.DecodeFromChars(text);
}
