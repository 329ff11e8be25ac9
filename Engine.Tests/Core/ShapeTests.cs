using Engine.Core;

namespace Engine.Tests.Core;

public class ShapeTests
{
    [Test]
    public void AShape_IsMatchedAndSpreadByItsSizes()
    {
        Shape shape = [2, 3, 4];
        Assert.That(shape is [2, _, 4]);
        Assert.That(shape is [.., var last] && last == 4);
        Assert.That(shape is not [_, _]);
        Shape longer = [1, .. shape, 5];
        Assert.That(longer, Is.EqualTo(new Shape(1, 2, 3, 4, 5)));
        int[] sizes = [.. shape];
        Assert.That(sizes, Is.EqualTo(new[] { 2, 3, 4 }));
    }
}
