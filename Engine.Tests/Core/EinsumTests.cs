using Engine.Core;

namespace Engine.Tests.Core;

public class EinsumTests
{
    private static Tensor Counted(params int[] shape) => Tensor.Arange(new Shape(shape).Count).Reshape(shape) + 1;

    [Test]
    public void Einsum_WorkedOutByHand_GivesItsNumbers()
    {
        Tensor a = Counted(2, 2), b = Counted(2, 3), v = Counted(2);
        Assert.That(Tensor.Einsum("ij,jk->ik", a, b).ToArray(), Is.EqualTo(new float[] { 9, 12, 15, 19, 26, 33 }));
        Assert.That(Tensor.Einsum(" i j , j k -> k i ", a, b).ToArray(), Is.EqualTo(new float[] { 9, 19, 12, 26, 15, 33 }));
        Assert.That(Tensor.Einsum("ii", a).Item(), Is.EqualTo(5));
        Assert.That(Tensor.Einsum("ii->i", a).ToArray(), Is.EqualTo(new float[] { 1, 4 }));
        Assert.That(Tensor.Einsum("ij->", b).Item(), Is.EqualTo(21));
        Assert.That(Tensor.Einsum("i,ij,j", v, a, v).Item(), Is.EqualTo(27));
        Assert.That(Tensor.Einsum("i,j->ij", v, v).ToArray(), Is.EqualTo(new float[] { 1, 2, 2, 4 }));
        Assert.That(Tensor.Einsum("ij", a), Is.SameAs(a));
    }

    [Test]
    public void Einsum_WithoutAnArrow_OrdersLettersThatOccurOnce_CapitalsFirst()
    {
        var x = Counted(2, 3, 4);
        Assert.That(Tensor.Einsum("bai", x).Shape, Is.EqualTo(new Shape(3, 2, 4)));
        Assert.That(Tensor.Einsum("aBc", x).Shape, Is.EqualTo(new Shape(3, 2, 4)));
        Assert.That(Tensor.Einsum("b...a", x).Shape, Is.EqualTo(new Shape(3, 4, 2)));
        Assert.That(Tensor.Einsum("ij,j", Counted(3, 4), Counted(4)).Shape, Is.EqualTo(new Shape(3)));
    }

    [Test]
    public void Einsum_Dots_Broadcast_AndAreSummedWhereTheResultLeavesThemOut()
    {
        Tensor a = Counted(5, 1, 3, 4), b = Counted(2, 4, 6);
        Assert.That(Tensor.Einsum("...ij,...jk->...ik", a, b).Shape, Is.EqualTo(new Shape(5, 2, 3, 6)));
        Assert.That(Tensor.Einsum("...ij,...jk->ik...", a, b).Shape, Is.EqualTo(new Shape(3, 6, 5, 2)));
        Assert.That(Tensor.Einsum("i...->i", Counted(2, 3)).ToArray(), Is.EqualTo(new float[] { 6, 15 }));
        // A row of one number is repeated four times before the sum.
        Assert.That(Tensor.Einsum("ij,j->i", Counted(2, 1), Counted(4)).ToArray(), Is.EqualTo(new float[] { 10, 20 }));
    }

    [Test]
    public void Einsum_OfADiagonal_DoesNotTouchWhatIsBesideIt()
        => Assert.That(Tensor.Einsum("ii", Tensor.From([1f, float.NaN, float.PositiveInfinity, 2], [2, 2])).Item(), Is.EqualTo(3));

    [TestCase("ij,jk->ik", "2 terms for 1 tensors")]
    [TestCase("ij->iz", "'z'")]
    [TestCase("ij->ii", "twice")]
    [TestCase("i1->i", "'1'")]
    [TestCase("ij->i->j", "'-'")]
    [TestCase("i..j", "'.'")]
    [TestCase("...i...", "'.'")]
    [TestCase("ij->...i...", "'.'")]
    [TestCase("ié", "'é'")]
    public void Einsum_OfABadEquation_SaysWhere(string equation, string what)
        => Assert.That(() => Tensor.Einsum(equation, Counted(2, 2)), Throws.ArgumentException.With.Message.Contains(what).And.Message.Contains(equation));

    [TestCase("i", "names 1 axes, and tensor 0, (2, 3), has 2")]
    [TestCase("ijk...", "names 3 axes and more")]
    [TestCase("", "names 0 axes")]
    [TestCase("ii", "sizes are 2 and 3")]
    public void Einsum_OfATermThatDoesNotFit_SaysWhere(string equation, string what)
        => Assert.That(() => Tensor.Einsum(equation, Counted(2, 3)), Throws.TypeOf<ShapeException>().With.Message.Contains(what));

    [Test]
    public void Einsum_OfSizesThatDisagree_NamesTheLetter()
    {
        Assert.That(() => Tensor.Einsum("ij,jk", Counted(2, 3), Counted(4, 5)), Throws.TypeOf<ShapeException>().With.Message.Contains("'j'").And.Message.Contains("3").And.Message.Contains("4"));
        Assert.That(() => Tensor.Einsum("...i,...i", Counted(2, 3), Counted(4, 3)), Throws.TypeOf<ShapeException>().With.Message.Contains("'...'"));
        Assert.That(() => Tensor.Einsum("i,j->ij", Tensor.Zeros([65_536]), Tensor.Zeros([65_536])), Throws.TypeOf<ShapeException>());
        Assert.That(() => Tensor.Einsum("i"), Throws.ArgumentException);
        Assert.That(() => Tensor.Einsum(null!, Counted(2)), Throws.ArgumentNullException);
    }
}
