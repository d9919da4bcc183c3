using Portal.Api.Rql;

namespace Portal.Tests.Api.Rql;

/// <summary>Invalid queries, with the position and the message of their errors.</summary>
public sealed class RqlParserInvalidTests
{
    [Theory]
    [InlineData("=", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("&", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData(",", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData(";", 1, "\";\" is not expected here")]
    [InlineData("|", 1, "\"|\" is not expected here")]
    [InlineData("(", 2, "The query is incomplete. Expected a property or a function or \"(\"")]
    [InlineData(")", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("()", 2, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a", 2, "The query is incomplete. Expected \"=\"")]
    [InlineData("a=", 3, "The query is incomplete. Expected an operator or a value")]
    [InlineData("a=b&", 5, "The query is incomplete. Expected a property or a function or \"(\"")]
    [InlineData("&a=b", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a=b&&c=d", 5, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a=b,", 5, "The query is incomplete. Expected a property or a function or \"(\"")]
    [InlineData(",a=b", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("v=1,,f=g", 5, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a=b&,c=d", 5, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a=b;c=d", 4, "\";\" is not expected here")]
    [InlineData("p=v|t=z", 4, "\"|\" is not expected here")]
    [InlineData("a=b|", 4, "\"|\" is not expected here")]
    [InlineData("(a=b|c=d", 9, "The query is incomplete. Expected \")\"")]
    [InlineData("(a=b|c=d))", 10, "expected here. Expected \"&\" or \",\" or the end")]
    [InlineData("(p=v|k=l)&n=m)", 14, "expected here. Expected \"&\" or \",\" or the end")]
    [InlineData("(a=b|c=d;e=f)", 9, "\";\" is not expected here")]
    [InlineData("(a=b,c=d|e=f)", 9, "\"|\" is not expected here")]
    [InlineData("(a=b|)", 6, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("(|a=b)", 2, "\"|\" is not expected here")]
    [InlineData("(a=b||c=d)", 6, "\"|\" is not expected here")]
    [InlineData("(a=b,)", 6, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("((a=b)", 7, "The query is incomplete. Expected \")\"")]
    [InlineData("p.p1=12&p", 10, "The query is incomplete. Expected \"=\"")]
    [InlineData("and(or(v,k),b)", 9, "expected here. Expected \"=\"")]
    [InlineData("and =ge=or", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("'p=v'", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("\"p\"=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("23=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("1p=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("v*=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("+v=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("-v=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("текст=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("t t=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("_a=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData(".a=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a.b c=d", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("=v", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a=b=c", 3, "There is no operator \"b\"")]
    [InlineData("a=eq=b=c", 6, "There is no operator \"b\"")]
    [InlineData("a=foo=b", 3, "There is no operator \"foo\"")]
    [InlineData("a=eq=", 6, "The query is incomplete. Expected a value")]
    [InlineData("a=in=b", 6, "expected here. Expected \"(\"")]
    [InlineData("a=in=()", 7, "expected here. Expected a value")]
    [InlineData("a=in=(b", 8, "The query is incomplete. Expected \")\"")]
    [InlineData("a=like=(b)", 8, "expected here. Expected a value")]
    [InlineData("a=not=b", 3, "There is no operator \"not\"")]
    [InlineData("eq()", 4, "expected here. Expected a property")]
    [InlineData("eq(a)", 5, "expected here. Expected \",\"")]
    [InlineData("eq(a,)", 6, "expected here. Expected a value")]
    [InlineData("eq(,b)", 4, "expected here. Expected a property")]
    [InlineData("eq(a,b", 7, "The query is incomplete. Expected \")\"")]
    [InlineData("eq(a,b,c)", 7, "expected here. Expected \")\"")]
    [InlineData("eq(prop,v1,v2)", 11, "expected here. Expected \")\"")]
    [InlineData("eq(a b)", 4, "expected here. Expected a property")]
    [InlineData("eq(a=b)", 5, "expected here. Expected \",\"")]
    [InlineData("eq(a,b)==", 9, "\"=\" is not expected here")]
    [InlineData("eq(a,b)=c", 9, "\"c\" is not expected here")]
    [InlineData("a=b=", 3, "There is no operator \"b\"")]
    [InlineData("and(eq(a,b)=,c=d)", 12, "\"=\" is not expected here")]
    [InlineData("eq(a,b)c", 8, "expected here. Expected \"&\" or \",\" or the end")]
    [InlineData("eq(a,b)eq(c,d)", 8, "expected here. Expected \"&\" or \",\" or the end")]
    [InlineData("eq(a,b)(c=d)", 8, "expected here. Expected \"&\" or \",\" or the end")]
    [InlineData("eq(a,eq(b,c))", 6, "expected here. Expected a value")]
    [InlineData("eq(a,(b))", 6, "expected here. Expected a value")]
    [InlineData("eq(a, b)", 6, "A property or value can't start with this character")]
    [InlineData("EQ(a,b)", 1, "There is no function \"EQ\"")]
    [InlineData("eq(\"a\",b)", 4, "expected here. Expected a property")]
    [InlineData("eq(23,b)", 4, "expected here. Expected a property")]
    [InlineData("eq (a,b)", 1, "There is no function \"eq \"")]
    [InlineData("like(a)", 7, "expected here. Expected \",\"")]
    [InlineData("like(a,b,c)", 9, "expected here. Expected \")\"")]
    [InlineData("like(,b)", 6, "expected here. Expected a property")]
    [InlineData("in(a)", 5, "expected here. Expected \",\"")]
    [InlineData("in(a,b)", 6, "expected here. Expected \"(\"")]
    [InlineData("in(a,b,c)", 6, "expected here. Expected \"(\"")]
    [InlineData("in(a,())", 7, "expected here. Expected a value")]
    [InlineData("in(a,(b)", 9, "The query is incomplete. Expected \")\"")]
    [InlineData("in(a,(b,))", 9, "expected here. Expected a value")]
    [InlineData("in(a,(,b))", 7, "expected here. Expected a value")]
    [InlineData("in(a,((b)))", 7, "expected here. Expected a value")]
    [InlineData("in(a,(b),c)", 9, "expected here. Expected \")\"")]
    [InlineData("in((a),b)", 4, "expected here. Expected a property")]
    [InlineData("out(a,(,))", 8, "expected here. Expected a value")]
    [InlineData("and()", 5, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("and(a=b)", 8, "expected here. Expected \",\"")]
    [InlineData("and(a=b,)", 9, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("and(,a=b)", 5, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("and(a,b)", 6, "expected here. Expected \"=\"")]
    [InlineData("or(a=b)", 7, "expected here. Expected \",\"")]
    [InlineData("or(a=b|c=d)", 7, "\"|\" is not expected here")]
    [InlineData("or(a=b;c=d)", 7, "\";\" is not expected here")]
    [InlineData("not()", 5, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("not(a)", 6, "expected here. Expected \"=\"")]
    [InlineData("not(a=b,c=d)", 8, "expected here. Expected \")\"")]
    [InlineData("not a=b", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("not=", 5, "The query is incomplete. Expected an operator or a value")]
    [InlineData("xor(a=b,c=d)", 1, "There is no function \"xor\"")]
    [InlineData("range(a,1)", 10, "expected here. Expected \",\"")]
    [InlineData("range(a,1,2,3)", 12, "expected here. Expected \")\"")]
    [InlineData("range(a,t(b=1),2)", 9, "expected here. Expected a value")]
    [InlineData("a=range=1", 3, "\"range\"")]
    [InlineData("sort(-name)", 1, "There is no function \"sort\"")]
    [InlineData("limit(10,20)", 1, "There is no function \"limit\"")]
    [InlineData("t()", 3, "expected here. Expected a property or a function")]
    [InlineData("t(1=1)", 3, "expected here. Expected a property or a function")]
    [InlineData("a=t(b)", 6, "expected here. Expected \"=\"")]
    [InlineData("a=t(b=c", 8, "The query is incomplete. Expected \")\"")]
    [InlineData("a=t(b=c|d=e)", 8, "\"|\" is not expected here")]
    [InlineData("a=t(t(b=c))", 5, "\"t\" is not expected here. Expected a property or a function")]
    [InlineData("a=t(and(b=c,d=e))", 5, "\"and\" is not expected here")]
    [InlineData("a=t(not(b=c))", 5, "\"not\" is not expected here")]
    [InlineData("a=t(in(b,(c,d)))", 5, "\"in\" is not expected here")]
    [InlineData("a=t(ordering(b))", 5, "\"ordering\" is not expected here")]
    [InlineData("a=t(limit(b))", 5, "There is no function \"limit\"")]
    [InlineData("a=t(b=in(c,(d)))", 7, "\"in\" is not expected here. Expected an operator or a value")]
    [InlineData("in(t(a=b),(c))", 4, "\"t\" is not expected here. Expected a property")]
    [InlineData("select(t(a))", 8, "\"t\" is not expected here. Expected a property with or without a sign")]
    [InlineData("gt(a,t(b=c))", 6, "\"t\" is not expected here. Expected a value")]
    [InlineData("a=like=t(b=c)", 8, "\"t\" is not expected here. Expected a value")]
    [InlineData("(t(limit=5)|a=b)", 4, "limit can't be used inside or() or not()")]
    [InlineData("null()", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a=null(", 3, "There is no function \"null\"")]
    [InlineData("a=null(x)", 3, "There is no function \"null\"")]
    [InlineData("a=foo()", 3, "There is no function \"foo\"")]
    [InlineData("empty()=a", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("in(a,(null))x", 13, "expected here. Expected \"&\" or \",\" or the end")]
    [InlineData("ordering(", 10, "The query is incomplete. Expected a property with or without a sign o")]
    [InlineData("ordering(a", 11, "The query is incomplete. Expected \")\"")]
    [InlineData("ordering(a,)", 12, "expected here. Expected a property with or without a sign")]
    [InlineData("ordering(,a)", 10, "expected here. Expected a property with or without a sign or \")\"")]
    [InlineData("ordering(++a)", 10, "expected here. Expected a property with or without a sign or \")\"")]
    [InlineData("ordering(+)", 10, "expected here. Expected a property with or without a sign or \")\"")]
    [InlineData("ordering(a b)", 10, "expected here. Expected a property with or without a sign or \")\"")]
    [InlineData("ordering(\"a\")", 10, "expected here. Expected a property with or without a sign or \")\"")]
    [InlineData("ordering(текст)", 10, "expected here. Expected a property with or without a sign or \")\"")]
    [InlineData("ordering(a)&ordering(b)", 13, "The query can hold only one ordering(...)")]
    [InlineData("ordering(a)&ordering=b", 13, "The query can hold only one ordering(...)")]
    [InlineData("or(ordering=a,b=c)", 4, "ordering(...) can't be used inside or() or not()")]
    [InlineData("select(a)&select(b)", 11, "The query can hold only one select(...)")]
    [InlineData("select(1)", 8, "expected here. Expected a property with or without a sign or \")\"")]
    [InlineData("or(ordering(a),b=c)", 4, "ordering(...) can't be used inside or() or not()")]
    [InlineData("not(ordering(a))", 5, "ordering(...) can't be used inside or() or not()")]
    [InlineData("(select(a)|b=c)", 2, "select(...) can't be used inside or() or not()")]
    [InlineData("limit=", 7, "The query is incomplete. Expected an operator or a value")]
    [InlineData("limit=x", 7, "limit must be a whole number from 0 to 1000")]
    [InlineData("limit=-1", 7, "limit must be a whole number from 0 to 1000")]
    [InlineData("limit=+1", 7, "limit must be a whole number from 0 to 1000")]
    [InlineData("limit=1.5", 7, "limit must be a whole number from 0 to 1000")]
    [InlineData("limit=1001", 7, "limit must be a whole number from 0 to 1000")]
    [InlineData("limit=99999999999", 7, "limit must be a whole number from 0 to 1000")]
    [InlineData("limit=1&limit=1", 9, "limit is given twice")]
    [InlineData("limit=gt=1", 1, "limit can only be set to a value: limit=")]
    [InlineData("limit=null()", 1, "limit can only be set to a value: limit=")]
    [InlineData("in(limit,(1))", 1, "limit can only be set to a value: limit=")]
    [InlineData("(limit=1|a=b)", 2, "limit can't be used inside or() or not()")]
    [InlineData("not(limit=1)", 5, "limit can't be used inside or() or not()")]
    [InlineData("offset=-1", 8, "offset must be a whole number, 0 or more")]
    [InlineData("offset=2147483648", 8, "offset must be a whole number, 0 or more")]
    [InlineData("offset=1&a=b&offset=2", 14, "offset is given twice")]
    [InlineData("a=\"b", 3, "This quotation mark is never closed")]
    [InlineData("a=\"b'", 3, "This quotation mark is never closed")]
    [InlineData("a=\"b\"c", 6, "The closing quotation mark must end the value")]
    [InlineData("a=\"b\" ", 6, "The closing quotation mark must end the value")]
    [InlineData("a=b\"c", 4, "Enclose a value that contains a quotation mark in the other kind: \"...\" or '")]
    [InlineData("a=O'Brien", 4, "Enclose a value that contains a quotation mark in the other kind: \"...\" or '")]
    [InlineData("a=x' OR '1'='1", 4, "Enclose a value that contains a quotation mark in the other kind: \"...\" or '")]
    [InlineData("a=%27; DROP TABLE Tokens;--", 3, "This quotation mark is never closed")]
    [InlineData("a=';DROP TABLE Tokens;--", 3, "This quotation mark is never closed")]
    [InlineData("eq(a,1;DELETE FROM Tokens)", 7, "\";\" is not expected here")]
    [InlineData("a=1) OR (1=1", 5, "A property or value can't start with this character")]
    [InlineData("in(a,(1)) UNION SELECT", 10, "A property or value can't start with this character")]
    [InlineData("a=%20b", 3, "A property or value can't start with this character")]
    [InlineData("a=%", 3, "A percent sign must start a percent-encoded UTF-8 character")]
    [InlineData("a=%4", 3, "A percent sign must start a percent-encoded UTF-8 character")]
    [InlineData("a=%zz", 3, "A percent sign must start a percent-encoded UTF-8 character")]
    [InlineData("a=%C3", 3, "A percent sign must start a percent-encoded UTF-8 character")]
    [InlineData("a=%C3%28", 3, "A percent sign must start a percent-encoded UTF-8 character")]
    [InlineData("a=%ED%A0%80", 3, "A percent sign must start a percent-encoded UTF-8 character")]
    [InlineData("a=%F8%88%80%80", 3, "A percent sign must start a percent-encoded UTF-8 character")]
    [InlineData("a=b%00", 4, "The NUL character is not allowed")]
    [InlineData("%00", 1, "The NUL character is not allowed")]
    [InlineData("a=%00b&c=d", 3, "The NUL character is not allowed")]
    [InlineData("%26", 1, "expected here. Expected a property or a function or \"(\"")]
    [InlineData("a%3D", 5, "The query is incomplete. Expected an operator or a value")]
    [InlineData("eq%28a", 7, "The query is incomplete. Expected \",\"")]
    [InlineData("%28%28a%3Db%29", 15, "The query is incomplete. Expected \")\"")]
    [InlineData("name=a%7Cb=c", 7, "\"|\" is not expected here")]
    public void TryParse_InvalidQuery_IsRefusedWhereItGoesWrong(string query, int position, string message)
    {
        Assert.False(RqlParser.TryParse(query, out var parsed, out var error), parsed is null ? "" : RqlDump.Of(parsed));

        Assert.Equal(position, error.Position);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"At character {position}: ", error.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The position refers to the text as sent, not as decoded.</summary>
    [Fact]
    public void TryParse_EncodedCharactersBeforeTheFault_CountAsSent()
    {
        Assert.False(RqlParser.TryParse("?a=%F0%9F%9A%80%20x&b", out _, out var error));

        Assert.Equal("At character 21: The query is incomplete. Expected \"=\".", error.ToString());
    }

    [Fact]
    public void TryParse_BeyondTheBounds_IsRefused()
    {
        Refused(33, "levels deep", new string('(', 33) + "a=b" + new string(')', 33));
        Refused(33, "levels deep", new string('(', 4000) + new string(')', 4000));
        Refused(RqlParser.LargestLength + 1, "but the limit is", new string('(', 10_000));
        Refused(RqlParser.LargestLength + 1, "but the limit is", "a=" + new string('x', 1 << 20));
        Refused(132, "levels deep", string.Concat(Enumerable.Repeat("not(", 2000)));
        Refused(97, "levels deep", string.Concat(Enumerable.Repeat("%28", 33)) + "a");
        Refused(4002, "more than 4000 names, values and symbols", new string(',', 8192));
        Refused(801, "more than 200 comparisons", string.Join('&', Enumerable.Repeat("a=b", 201)));
        Refused(1, "more than 1000 values", $"in(a,({string.Join(',', Enumerable.Repeat("b", 1001))}))");
        Refused(74, "32 properties at most", $"ordering({string.Join(',', Enumerable.Repeat("a", 33))})");
    }

    [Fact]
    public void TryParse_NamesThatTheEndpointTakes_OnlyOnceAndOnlyForAll()
    {
        Refused(10, "given twice", "search=a&search=b", "search");
        Refused(2, "used inside or()", "(search=a|b=c)", "search");
        Refused(1, "can only be set to a value", "like(search,a)", "search");
    }

    private static void Refused(int position, string message, string query, params string[] own)
    {
        Assert.False(RqlParser.TryParse(query, out _, out var error, own));
        Assert.Equal(position, error.Position);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
