using Engine.Layers;

namespace Engine.Tests;

public class WordSplitTests
{
    [TestCase("", new string[0])]
    [TestCase("  \t\r\n\u00A0", new string[0])]
    [TestCase(" Two  words.\nThree", new[] { "Two", "words.", "Three" })]
    public void Whitespace_CutsAndChangesNothing(string text, string[] words) => Assert.That(WordSplit.Whitespace(text), Is.EqualTo(words));

    [TestCase("", new string[0])]
    [TestCase("...!?", new string[0])]
    [TestCase("It's GOOD,really<br />(10/10)", new[] { "it's", "good", "really", "br", "10", "10" })]
    [TestCase("a_b-c\td\r\ne É", new[] { "a", "b", "c", "d", "e", "é" })]
    [TestCase("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'", new[] { "'" })]
    public void Keras_DropsPunctuation(string text, string[] words) => Assert.That(WordSplit.Keras(text), Is.EqualTo(words));

    [TestCase("", new string[0])]
    [TestCase("It's good, isn't it?", new[] { "it", "'s", "good", ",", "is", "n't", "it", "?" })]
    [TestCase("they've we're I'd you'll (wow!)", new[] { "they", "'ve", "we", "'re", "i", "'d", "you", "'ll", "(", "wow", "!", ")" })]
    [TestCase("a.b;c: \"d\" caf\u00E9 jean-claud `x`", new[] { "a", "b", "c", "d", "caf", "jean", "claud", "`x`" })]
    public void Kim_MakesWordsOfPunctuationAndEndings(string text, string[] words) => Assert.That(WordSplit.Kim(text), Is.EqualTo(words));

    [Test]
    public void WordTokenizer_EncodesAndDecodes()
    {
        var tokenizer = WordTokenizer.Build(["A film, a good film.", "A bad film!"], WordSplit.Keras, maxSize: 5);
        Assert.That(tokenizer.Vocabulary.Tokens, Is.EqualTo(new[] { "<pad>", "<unk>", "a", "film", "bad" }));
        int[] ids = tokenizer.Encode("A BAD or good film?");
        Assert.That((ids, tokenizer.Count), Is.EqualTo((new[] { 2, 4, 1, 1, 3 }, 5)));
        Assert.That(tokenizer.Decode(ids), Is.EqualTo("a bad <unk> <unk> film"));
        Assert.That(tokenizer.Encode("?!"), Is.Empty);
    }
}
